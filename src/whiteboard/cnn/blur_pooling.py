"""Blur pooling: a low-pass filter before the subsampling, against aliasing."""

import functools

import keras
import numpy as np

from whiteboard.cnn.windows import pair, window_shape, window_taps
from whiteboard.fundamentals import require_positive


def binomial_kernel(size):
    r"""Return the binomial filter of `size` taps per axis; the sum is 1.

    $$k_{m n} = 2^{2 - M - N} \binom{M - 1}{m} \binom{N - 1}{n}$$

    for M x N taps: `[1, 2, 1] / 4` along an axis of 3. A size of 1 filters nothing.

    Args:
        size: Taps per axis: a positive integer or a pair.

    Returns:
        A NumPy array of shape `(M, N)`.

    Raises:
        ValueError: If `size` is not positive.

    Examples:
        >>> binomial_kernel(2)
        array([[0.25, 0.25],
               [0.25, 0.25]])
    """
    rows, columns = pair(size)
    require_positive(size=min(rows, columns))
    return np.outer(_binomial_row(rows), _binomial_row(columns))


def _binomial_row(taps):
    return functools.reduce(np.convolve, [[0.5, 0.5]] * (taps - 1), np.ones(1))


def blur_pool(images, kernel_size=3, stride=2, padding="same"):
    """Subsample after a binomial blur, each channel by itself.

    Zhang 2019, "Making Convolutional Networks Shift-Invariant Again". In the place of
    a max pooling of stride 2: `blur_pool(max_pool(images, 2, stride=1))`. Padding is
    zero here; the paper's code reflects the image.

    Args:
        images: A tensor of shape `(B, H, W, C)` with known H and W.
        kernel_size: Taps of the blur per axis: an integer or a pair.
        stride: An integer or a pair.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.

    Returns:
        A tensor of shape `(B, H', W', C)`.

    Raises:
        ValueError: If `kernel_size` is not positive, and as `window_taps` does.

    Examples:
        >>> blur_pool(keras.ops.ones((1, 28, 28, 3))).shape
        (1, 14, 14, 3)
    """
    kernel = binomial_kernel(kernel_size)
    taps = window_taps(images, kernel_size, stride, padding)
    return sum(float(kernel[tap]) * pixels for tap, pixels in taps)


@keras.saving.register_keras_serializable(package="whiteboard")
class BlurPooling2D(keras.layers.Layer):
    """A layer of `blur_pool`, without weights.

    Args:
        kernel_size: Taps of the blur per axis: an integer or a pair.
        strides: An integer or a pair.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)` with known H and W.

    Returns:
        A tensor of shape `(B, H', W', C)`.

    Raises:
        ValueError: See `blur_pool`.

    Examples:
        >>> BlurPooling2D()(keras.ops.zeros((2, 28, 28, 8))).shape
        (2, 14, 14, 8)
    """

    def __init__(self, kernel_size=3, strides=2, padding="same", **kwargs):
        super().__init__(**kwargs)
        self.kernel_size = pair(kernel_size)
        require_positive(kernel_size=min(self.kernel_size))
        self.strides = pair(strides)
        self.padding = padding

    def call(self, inputs):
        return blur_pool(inputs, self.kernel_size, self.strides, self.padding)

    def compute_output_shape(self, input_shape):
        window = self.kernel_size, self.strides, self.padding
        return (input_shape[0], *window_shape(input_shape, *window), input_shape[-1])

    def get_config(self):
        config = {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }
        return {**super().get_config(), **config}
