"""Two-dimensional convolution, which deep learning computes as cross-correlation."""

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
from whiteboard.fundamentals import require_positive

# Shapes: B images, H and W their height and width, C channels, F filters, kh x kw the
# taps of the kernel, G groups, H' and W' the positions of the kernel.


def cross_correlate_loop(
    images, kernel, stride=1, padding="valid", dilation=1, groups=1
):
    """Cross-correlate in NumPy: at each position, one dot product per filter.

    Arguments, result and errors are those of `cross_correlate`, but the stride and the
    dilation must be integers. To read, not to run: it takes `H' W' F` steps.

    Examples:
        >>> cross_correlate_loop(np.ones((1, 5, 5, 3)), np.ones((3, 3, 3, 8))).shape
        (1, 3, 3, 8)
    """
    _require_channels(images, kernel, groups)
    kh, kw, channels, filters = kernel.shape
    window = (kh, kw), stride, padding, dilation
    height, width = window_shape(images.shape, *window)
    padded = np.pad(images, [(0, 0), *padding_shape(images.shape, *window), (0, 0)])
    output = np.zeros((len(images), height, width, filters))
    for i, j, f in np.ndindex(height, width, filters):
        top, left = i * stride, j * stride
        first = f // (filters // groups) * channels  # of the channels that f sees
        pixels = padded[
            :,
            top : top + kh * dilation : dilation,
            left : left + kw * dilation : dilation,
            first : first + channels,
        ]  # (B, kh, kw, C / G)
        output[:, i, j, f] = np.sum(pixels * kernel[..., f], axis=(1, 2, 3))
    return output


def cross_correlate(images, kernel, stride=1, padding="valid", dilation=1, groups=1):
    r"""Slide a kernel over images: what deep learning calls a convolution.

    $$y_{i j f} = \sum_{m, n, c} x_{s i + d m - p, \; s j + d n - p, \; c} \; k_{m n c f}$$

    with stride s, dilation d and padding p; x is zero outside the image. So each tap
    (m, n) adds a matrix product of the shifted image. With G groups, filter f sees only
    the C / G channels of its own group. Goodfellow et al. 2016, "Deep Learning",
    equation 9.6; Krizhevsky et al. 2012 for the groups.

    Args:
        images: A tensor of shape `(B, H, W, C)` with known H and W.
        kernel: A tensor of shape `(kh, kw, C / G, F)`.
        stride: Pixels from one position to the next. An integer or a pair, as is
            `dilation`.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        dilation: Pixels from one tap to the next.
        groups: Number of groups G of the channels and of the filters.

    Returns:
        A tensor of shape `(B, H', W', F)`; see `output_size`.

    Raises:
        ValueError: If a rank is not 4, the channels do not fit the kernel and `groups`,
            `groups` does not divide the filters, and as `padding_amounts` does.

    Examples:
        >>> cross_correlate(ops.ones((1, 5, 5, 3)), ops.ones((3, 3, 3, 8))).shape
        (1, 3, 3, 8)
    """
    _require_channels(images, kernel, groups)
    kh, kw, channels, filters = kernel.shape
    kernel = ops.reshape(kernel, (kh, kw, channels, groups, filters // groups))
    output = 0.0
    for tap, pixels in window_taps(images, (kh, kw), stride, padding, dilation):
        height, width = pixels.shape[1:3]
        pixels = ops.reshape(pixels, (-1, height, width, groups, channels))
        output += ops.einsum("bhwgc,cgf->bhwgf", pixels, kernel[tap])
    return ops.reshape(output, (-1, height, width, filters))


def convolve(images, kernel, **kwargs):
    r"""Convolve in the sense of mathematics: cross-correlate with the flipped kernel.

    $$y_{i j f} = \sum_{m, n, c} x_{i - m, \; j - n, \; c} \; k_{m n c f}$$

    up to the offset that the padding sets. Arguments, result and errors are those of
    `cross_correlate`.

    Examples:
        >>> convolve(ops.ones((1, 5, 5, 3)), ops.ones((3, 3, 3, 8))).shape
        (1, 3, 3, 8)
    """
    return cross_correlate(images, ops.flip(kernel, axis=(0, 1)), **kwargs)


class KernelLayer(keras.layers.Layer):
    """What the convolutional layers share: the window of a kernel, and a bias."""

    def __init__(
        self, kernel_size, strides, padding, dilation_rate, use_bias, **kwargs
    ):
        super().__init__(**kwargs)
        self.kernel_size = pair(kernel_size)
        self.strides = pair(strides)
        self.padding = padding
        self.dilation_rate = pair(dilation_rate)
        self.use_bias = use_bias

    @property
    def window(self):
        return self.strides, self.padding, self.dilation_rate

    def output_channels(self, channels):
        return self.filters

    def build(self, input_shape):
        require_image_shape(input_shape)
        channels = input_shape[-1]
        self.add_kernels(channels)
        if self.use_bias:
            shape = (self.output_channels(channels),)
            self.bias = self.add_weight(shape, "zeros", name="bias")
        self.built = True

    def call(self, inputs):
        outputs = self.convolve(inputs)
        return outputs + self.bias if self.use_bias else outputs

    def compute_output_shape(self, input_shape):
        positions = window_shape(input_shape, self.kernel_size, *self.window)
        return (input_shape[0], *positions, self.output_channels(input_shape[-1]))

    def get_config(self):
        config = {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "use_bias": self.use_bias,
        }
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="whiteboard")
class Conv2D(KernelLayer):
    """A convolutional layer: `cross_correlate(inputs, kernel) + bias`.

    LeCun et al. 1989, "Backpropagation Applied to Handwritten Zip Code Recognition".
    Weights in the order and shapes of `keras.layers.Conv2D`: `kernel` of shape
    `(kh, kw, C / G, F)`, drawn Glorot-uniform, and `bias` of shape `(F,)`, zeros.

    Args:
        filters: Number of filters, F.
        kernel_size: Taps of the kernel: an integer or a pair.
        strides: An integer or a pair, as are the dilation rates.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        dilation_rate: Pixels from one tap to the next.
        groups: Number of groups of the channels and of the filters.
        use_bias: Whether a bias is added.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)` with known H and W.

    Returns:
        A tensor of shape `(B, H', W', F)`.

    Raises:
        ValueError: See `cross_correlate`.

    Examples:
        >>> Conv2D(8, 3, padding="same")(keras.ops.zeros((2, 28, 28, 1))).shape
        (2, 28, 28, 8)
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        groups=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(
            kernel_size, strides, padding, dilation_rate, use_bias, **kwargs
        )
        require_positive(filters=filters, groups=groups)
        self.filters = filters
        self.groups = groups

    def add_kernels(self, channels):
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(
                "groups must divide the channels of the inputs and the filters. "
                f"Received: groups={self.groups}, channels={channels}, "
                f"filters={self.filters}"
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight(shape, "glorot_uniform", name="kernel")

    def convolve(self, inputs):
        return cross_correlate(inputs, self.kernel, *self.window, self.groups)

    def get_config(self):
        config = {"filters": self.filters, "groups": self.groups}
        return {**super().get_config(), **config}


def _require_channels(images, kernel, groups):
    require_image_shape(images.shape)
    require_positive(groups=groups)
    if len(kernel.shape) != 4:
        raise ValueError(
            "kernel must have the shape (height, width, channels / groups, filters). "
            f"Received: shape={tuple(kernel.shape)}"
        )
    *_, channels, filters = kernel.shape
    if images.shape[-1] != channels * groups or filters % groups:
        raise ValueError(
            "The channels of the images must be groups times those of the kernel, and "
            f"groups must divide the filters. Received: groups={groups}, "
            f"images.shape={tuple(images.shape)}, kernel.shape={tuple(kernel.shape)}"
        )
