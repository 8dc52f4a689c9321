"""The simple recurrent network: one state, one affine map, one nonlinearity."""

import keras
from keras import ops

from whiteboard.rnn.recurrence import RecurrentCell, RecurrentLayer

# Shapes: B batch, T steps, D features, H units.


def simple_rnn_step(x, h, kernel, recurrent_kernel, bias, activation=ops.tanh):
    r"""Take one step: the new state from the input and the last state.

    $$\mathbf{h}_t = \tanh(\mathbf{x}_t W + \mathbf{h}_{t-1} U + \mathbf{b})$$

    Elman 1990, "Finding Structure in Time".

    Args:
        x: The input of this step, `(B, D)`.
        h: The state before it, `(B, H)`.
        kernel: W, `(D, H)`.
        recurrent_kernel: U, `(H, H)`.
        bias: b, `(H,)`.
        activation: The nonlinearity, elementwise.

    Returns:
        The new state, `(B, H)`; it is also the output.

    Examples:
        >>> x, h = keras.ops.ones((2, 3)), keras.ops.zeros((2, 4))
        >>> W, U, b = (keras.ops.ones(shape) for shape in [(3, 4), (4, 4), (4,)])
        >>> simple_rnn_step(x, h, W, U, b).shape
        (2, 4)
    """
    return activation(ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias)


class SimpleRNNCell(RecurrentCell):
    """The weights of `simple_rnn_step`."""

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)

    def call(self, inputs, states):
        weights = self.kernel, self.recurrent_kernel, self.bias
        h = simple_rnn_step(inputs, states[0], *weights, self.activation)
        return h, [h]

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), "activation": activation}


@keras.saving.register_keras_serializable(package="whiteboard")
class SimpleRNN(RecurrentLayer):
    r"""Apply `simple_rnn_step` along a sequence, with the same weights at each step.

    $$\mathbf{h}_t = \tanh(\mathbf{x}_t W + \mathbf{h}_{t-1} U + \mathbf{b})$$

    Elman 1990. Weights in the order and shapes of `keras.layers.SimpleRNN`.

    Args:
        units: Size of the state, H.
        activation: The nonlinearity; None leaves the recurrence linear.
        kernel_initializer: Initializer of W, `(D, H)`.
        recurrent_initializer: Initializer of U, `(H, H)`.
        bias_initializer: Initializer of b, `(H,)`.
        **kwargs: `return_sequences`, `return_state`, `go_backwards`, `stateful`: as
            in `keras.layers.RNN`, to which they are passed.

    Call arguments: see `RecurrentLayer`.

    Returns:
        The last state `(B, H)`, or all of them `(B, T, H)` with `return_sequences`;
        with `return_state` the final state after it.

    Examples:
        >>> SimpleRNN(4, return_sequences=True)(keras.ops.zeros((2, 5, 3))).shape
        (2, 5, 4)
    """

    cell_class = SimpleRNNCell

    def __init__(
        self,
        units,
        activation="tanh",
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        cell_arguments = {
            "units": units,
            "activation": activation,
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
        }
        super().__init__(cell_arguments, **kwargs)
