"""Local response normalization: a channel divided by its neighbours' energy."""

import keras
from keras import ops

from whiteboard.fundamentals import require_not_negative, require_positive


def local_response_normalize(x, size, alpha, beta, bias):
    r"""Divide each channel by a power of the squares around it.

    $$y_c = x_c \Big/ \Big(k + \alpha \sum_{|j - c| \le n / 2} x_j^2\Big)^\beta$$

    Krizhevsky, Sutskever & Hinton 2012, section 3.3. The sum is not averaged, as
    PyTorch does, where the same effect takes $\alpha n$.

    Args:
        x: A tensor `(..., C)`.
        size: The number n of channels in the sum, odd.
        alpha: The factor of the sum.
        beta: The exponent.
        bias: The constant k.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> local_response_normalize(np.ones((1, 1)), size=5, alpha=1.0, beta=1.0, bias=1.0)
        [[0.5]]
    """
    channels = x.shape[-1]
    margin = [(0, 0)] * (len(x.shape) - 1) + [(size // 2, size // 2)]
    squares = ops.pad(ops.square(x), margin)
    energy = sum(squares[..., i : i + channels] for i in range(size))
    return x / ops.power(bias + alpha * energy, beta)


@keras.saving.register_keras_serializable(package="whiteboard")
class LocalResponseNormalization(keras.layers.Layer):
    """`local_response_normalize` as a layer, by default with the numbers of AlexNet.

    Args:
        size: The number of channels in the sum, odd.
        alpha: The factor of the sum of squares.
        beta: The exponent.
        bias: The constant that is added to the sum.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor `(..., C)`.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: If `size` is even or not positive, `bias` not positive, or `alpha`
            or `beta` negative.

    Examples:
        >>> LocalResponseNormalization()(keras.ops.ones((1, 4, 4, 96))).shape
        (1, 4, 4, 96)
    """

    def __init__(self, size=5, alpha=1e-4, beta=0.75, bias=2.0, **kwargs):
        super().__init__(**kwargs)
        require_positive(size=size, bias=bias)
        require_not_negative(alpha=alpha, beta=beta)
        if size % 2 == 0:
            raise ValueError(f"size must be odd. Received: size={size}")
        self.size, self.alpha, self.beta, self.bias = size, alpha, beta, bias
        self.supports_masking = True

    def build(self, input_shape):
        if input_shape[-1] is None:
            raise ValueError(
                "LocalResponseNormalization needs a known number of channels. "
                f"Received: input_shape={input_shape}"
            )
        self.built = True

    def call(self, inputs):
        statistics_dtype = keras.backend.result_type(inputs.dtype, "float32")
        x = ops.cast(inputs, statistics_dtype)  # a square may not fit into float16
        outputs = local_response_normalize(
            x, self.size, self.alpha, self.beta, self.bias
        )
        return ops.cast(outputs, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        names = ("size", "alpha", "beta", "bias")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
