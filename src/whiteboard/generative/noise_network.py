"""The network of a small diffusion model: it is told the time."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer import sinusoidal_encoding

# Shapes: B batch, D features, W width.


@keras.saving.register_keras_serializable(package="whiteboard")
class TimeEmbedding(keras.layers.Layer):
    """The sinusoidal encoding of a time step, as Transformers encode a position.

    Source: Ho et al., "Denoising Diffusion Probabilistic Models", 2020, appendix B.

    Args:
        steps: The largest time T; times run from 0 to T.
        width: Number of columns W.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        times: Integer tensor `(B,)`.

    Returns:
        Tensor `(B, W)`.

    Raises:
        ValueError: If `steps` or `width` is not positive.

    Examples:
        >>> TimeEmbedding(steps=100, width=32)(np.array([0, 100])).shape
        (2, 32)
    """

    def __init__(self, steps, width, **kwargs):
        super().__init__(**kwargs)
        require_positive(steps=steps, width=width)
        self.steps = steps
        self.width = width

    def call(self, times):
        table = sinusoidal_encoding(self.steps + 1, self.width)
        return ops.cast(ops.take(table, times, axis=0), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.width)

    def get_config(self):
        return {**super().get_config(), "steps": self.steps, "width": self.width}


def noise_mlp(size, steps, width=128, depth=3):
    """Multi-layer perceptron that predicts the noise in a vector, given the time.

    The vector itself is added to the output: late in the process it is all noise, and
    there the hidden layers have nothing to add.

    Args:
        size: Number of features D.
        steps: Number of steps T of the process.
        width: Units of a hidden layer.
        depth: Number of hidden layers; the time is added to each.

    Returns:
        A `keras.Model` from `[x, times]`, `(B, D)` and integers `(B,)`, to `(B, D)`.

    Raises:
        ValueError: If a number is not positive.
    """
    require_positive(size=size, steps=steps, width=width, depth=depth)
    inputs = keras.Input((size,)), keras.Input((), dtype="int32")
    noisy, times = inputs
    x = noisy
    time = TimeEmbedding(steps, width=32)(times)
    for _ in range(depth):
        x = keras.layers.Dense(width)(x) + keras.layers.Dense(width)(time)
        x = keras.layers.Activation("silu")(x)
    return keras.Model(inputs, noisy + keras.layers.Dense(size)(x))
