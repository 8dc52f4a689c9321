"""Pooling: one number for each window of each channel."""

import keras
import numpy as np
from keras import ops

from whiteboard.cnn.windows import (
    padding_shape,
    pair,
    require_image_shape,
    window_shape,
    window_taps,
)

# Shapes: B images, H and W their height and width, C channels, H' and W' the positions
# of the window, K its taps.


def pool_loop(images, pool_size=2, stride=None, padding="valid", reduce=np.nanmax):
    """Pool in NumPy: at each position, reduce one window. To read, not to run.

    Arguments, result and errors are those of `max_pool`, but `pool_size` and `stride`
    must be integers. Padding is NaN, so that `reduce` leaves it out: `np.nanmax` or
    `np.nanmean`.

    Examples:
        >>> pool_loop(np.ones((1, 4, 4, 3)), reduce=np.nanmean).shape
        (1, 2, 2, 3)
    """
    require_image_shape(images.shape)
    _require_pixels_in_windows(pool_size, padding)
    stride = pool_size if stride is None else stride
    window = pool_size, stride, padding
    height, width = window_shape(images.shape, *window)
    amounts = [(0, 0), *padding_shape(images.shape, *window), (0, 0)]
    padded = np.pad(images, amounts, constant_values=np.nan)
    output = np.zeros((len(images), height, width, images.shape[-1]))
    for i, j in np.ndindex(height, width):
        top, left = i * stride, j * stride
        region = padded[:, top : top + pool_size, left : left + pool_size]
        output[:, i, j] = reduce(region, axis=(1, 2))
    return output


def max_pool(images, pool_size=2, stride=None, padding="valid"):
    r"""Take the maximum of each window, channel by channel.

    $$y_{i j c} = \max_{m, n} x_{s i + m - p, \; s j + n - p, \; c}$$

    Padding counts as minus infinity. Among equal maxima the first one wins and alone
    receives the gradient, as in the backends' own kernels; the `max` of an array
    library may share it out instead. Riesenhuber and Poggio 1999.

    Args:
        images: A tensor of shape `(B, H, W, C)` with known H and W.
        pool_size: An integer or a pair.
        stride: An integer or a pair; the default is `pool_size`.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.

    Returns:
        A tensor of shape `(B, H', W', C)`.

    Raises:
        ValueError: If `padding` is not below `pool_size`, so that a window could lie
            outside the image, and as `window_taps` does.

    Examples:
        >>> max_pool(ops.ones((1, 4, 4, 3))).shape
        (1, 2, 2, 3)
    """
    _require_pixels_in_windows(pool_size, padding)
    stride = pool_size if stride is None else stride
    taps = window_taps(images, pool_size, stride, padding, fill=-np.inf)
    windows = ops.stack([pixels for _, pixels in taps], axis=-1)  # (B, H', W', C, K)
    winner = ops.argmax(windows, axis=-1, keepdims=True)  # (B, H', W', C, 1)
    return ops.squeeze(ops.take_along_axis(windows, winner, axis=-1), axis=-1)


def average_pool(images, pool_size=2, stride=None, padding="valid"):
    r"""Take the mean of each window, channel by channel.

    $$y_{i j c} = \frac{1}{n_{i j}} \sum_{m, n} x_{s i + m - p, \; s j + n - p, \; c}$$

    where n counts the taps that lie inside the image: padding is left out, as Keras does.
    LeCun et al. 1989 (there with a trained factor and bias).

    Args:
        images: A tensor of shape `(B, H, W, C)` with known H and W.
        pool_size: An integer or a pair.
        stride: An integer or a pair; the default is `pool_size`.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.

    Returns:
        A tensor of shape `(B, H', W', C)`.

    Raises:
        ValueError: See `max_pool`.

    Examples:
        >>> average_pool(ops.ones((1, 4, 4, 3))).shape
        (1, 2, 2, 3)
    """
    _require_pixels_in_windows(pool_size, padding)
    window = pool_size, pool_size if stride is None else stride, padding
    total = sum(pixels for _, pixels in window_taps(images, *window))
    inside = ops.ones((1, *images.shape[1:3], 1), dtype=images.dtype)
    return total / sum(pixels for _, pixels in window_taps(inside, *window))


def global_average_pool(images):
    r"""Take the mean of each whole feature map: one number per channel.

    $$y_c = \frac{1}{H W} \sum_{i, j} x_{i j c}$$

    Lin et al. 2014, "Network In Network", section 3.2.

    Args:
        images: A tensor of shape `(B, H, W, C)`.

    Returns:
        A tensor of shape `(B, C)`.

    Examples:
        >>> global_average_pool(ops.ones((1, 7, 7, 512))).shape
        (1, 512)
    """
    return ops.mean(images, axis=(1, 2))


def _require_pixels_in_windows(pool_size, padding):
    if isinstance(padding, int) and padding >= min(pair(pool_size)):
        raise ValueError(
            "padding must be below pool_size. "
            f"Received: padding={padding}, pool_size={pool_size}"
        )


class _Pooling2D(keras.layers.Layer):
    def __init__(self, pool_size=2, strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pair(pool_size)
        self.strides = self.pool_size if strides is None else pair(strides)
        self.padding = padding

    def call(self, inputs):
        return type(self).pool(inputs, self.pool_size, self.strides, self.padding)

    def compute_output_shape(self, input_shape):
        window = self.pool_size, self.strides, self.padding
        return (input_shape[0], *window_shape(input_shape, *window), input_shape[-1])

    def get_config(self):
        config = {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="whiteboard")
class MaxPooling2D(_Pooling2D):
    """A layer of `max_pool`.

    Args:
        pool_size: An integer or a pair.
        strides: An integer or a pair; the default is `pool_size`.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)` with known H and W.

    Returns:
        A tensor of shape `(B, H', W', C)`.

    Raises:
        ValueError: See `max_pool`.

    Examples:
        >>> MaxPooling2D(2)(keras.ops.zeros((2, 28, 28, 8))).shape
        (2, 14, 14, 8)
    """

    pool = staticmethod(max_pool)


@keras.saving.register_keras_serializable(package="whiteboard")
class AveragePooling2D(_Pooling2D):
    """A layer of `average_pool`.

    Args:
        pool_size: An integer or a pair.
        strides: An integer or a pair; the default is `pool_size`.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)` with known H and W.

    Returns:
        A tensor of shape `(B, H', W', C)`.

    Raises:
        ValueError: See `max_pool`.

    Examples:
        >>> AveragePooling2D(2)(keras.ops.zeros((2, 28, 28, 8))).shape
        (2, 14, 14, 8)
    """

    pool = staticmethod(average_pool)
