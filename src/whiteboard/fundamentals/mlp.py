"""The multi-layer perceptron: affine maps with a non-linearity between them."""

import keras
from keras import ops

# Shapes: ... any leading axes (usually the batch), D features of a layer's input, U units.


def mlp_forward(x, kernels, biases, activation):
    r"""Compute a multi-layer perceptron, up to the last affine map.

    $$\mathbf{h}_l = f(\mathbf{h}_{l-1} W_l + \mathbf{b}_l), \quad
    \mathbf{h}_0 = \mathbf{x}, \quad
    \mathbf{y} = \mathbf{h}_{L-1} W_L + \mathbf{b}_L$$

    Rumelhart, Hinton & Williams 1986. Rows are examples, so W stands on the right and
    has the shape `(inputs, units)`, as in `keras.layers.Dense`.

    Args:
        x: `(..., D)`.
        kernels: One `(D, U)` for each layer.
        biases: One `(U,)` for each layer.
        activation: The function f between the layers.

    Returns:
        A tensor `(..., U)` with U of the last layer. It has passed no activation: these
        are the logits.

    Examples:
        >>> mlp_forward(np.ones((5, 3)), [np.ones((3, 2))], [np.zeros(2)], keras.ops.tanh)
    """
    *hidden, (last_kernel, last_bias) = zip(kernels, biases, strict=True)
    h = x
    for kernel, bias in hidden:
        h = activation(ops.matmul(h, kernel) + bias)  # (..., U)
    return ops.matmul(h, last_kernel) + last_bias


@keras.saving.register_keras_serializable(package="whiteboard")
class MLP(keras.layers.Layer):
    """A stack of dense layers: `mlp_forward`, then an output activation.

    The weights are those of a stack of `keras.layers.Dense`, in its order.

    Args:
        units: The number of units of each layer, the output layer last.
        activation: What stands between the layers, a function or its Keras name.
        output_activation: What stands after the last layer; by default nothing.
        kernel_initializer: Initializer of the kernels; the biases start at zero.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(..., D)`.

    Returns:
        A tensor of shape `(..., units[-1])`.

    Raises:
        ValueError: If `units` is empty or holds a number below 1, or the last axis of
            the inputs is unknown.

    Examples:
        >>> MLP([128, 10])(keras.ops.zeros((2, 784))).shape
        (2, 10)
    """

    def __init__(
        self,
        units,
        activation="relu",
        output_activation=None,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = list(units)
        if not self.units or min(self.units) < 1:
            raise ValueError(
                f"units must be numbers of at least 1. Received: units={self.units}"
            )
        self.activation = keras.activations.get(activation)
        self.output_activation = keras.activations.get(output_activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ValueError(
                "MLP needs inputs of shape (batch, ..., features) with known features. "
                f"Received: input_shape={input_shape}"
            )
        kernels, biases = [], []
        for i, units in enumerate(self.units):
            shape = (self.units[i - 1] if i else input_shape[-1], units)
            initializer = self.kernel_initializer
            if hasattr(initializer, "clone"):  # the same one draws the same numbers
                initializer = initializer.clone()
            kernels.append(
                self.add_weight(
                    shape=shape, initializer=initializer, name=f"kernel_{i}"
                )
            )
            biases.append(
                self.add_weight(shape=(units,), initializer="zeros", name=f"bias_{i}")
            )
        self.kernels, self.biases = kernels, biases
        self.built = True

    def call(self, inputs):
        logits = mlp_forward(inputs, self.kernels, self.biases, self.activation)
        return self.output_activation(logits)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units[-1])

    def get_config(self):
        activations = keras.activations
        config = {
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "output_activation": activations.serialize(self.output_activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
        return {**super().get_config(), **config}
