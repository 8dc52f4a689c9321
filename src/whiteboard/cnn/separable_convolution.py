"""Depthwise-separable convolution: space first, then channels."""

import keras
from keras import ops

from whiteboard.cnn.convolution import KernelLayer, cross_correlate
from whiteboard.fundamentals import require_positive

# Shapes: B images, H and W their height and width, C channels, M the multiplier, F
# filters, kh x kw the taps of the kernel, H' and W' its positions.


def depthwise_convolution(images, kernel, stride=1, padding="valid", dilation=1):
    r"""Convolve each channel by itself, with M kernels of its own.

    $$y_{i, j, \, M c + q} = \sum_{m, n} x_{s i + d m - p, \; s j + d n - p, \; c} \;
    k_{m n c q}$$

    A grouped convolution with one group per channel: `kh kw C M` weights, and nothing
    passes from one channel to another. Sifre 2014; Chollet 2017, "Xception".

    Args:
        images: A tensor of shape `(B, H, W, C)`.
        kernel: A tensor of shape `(kh, kw, C, M)`.
        stride: See `cross_correlate`, as for `padding` and `dilation`.
        padding: `"valid"`, `"same"` or an integer.
        dilation: Pixels from one tap to the next.

    Returns:
        A tensor of shape `(B, H', W', C M)`.

    Raises:
        ValueError: See `cross_correlate`.

    Examples:
        >>> depthwise_convolution(ops.ones((1, 5, 5, 3)), ops.ones((3, 3, 3, 1))).shape
        (1, 3, 3, 3)
    """
    if len(kernel.shape) != 4:
        raise ValueError(
            "kernel must have the shape (height, width, channels, multiplier). "
            f"Received: shape={tuple(kernel.shape)}"
        )
    kh, kw, channels, multiplier = kernel.shape
    kernel = ops.reshape(kernel, (kh, kw, 1, channels * multiplier))
    return cross_correlate(images, kernel, stride, padding, dilation, groups=channels)


def pointwise_convolution(images, kernel):
    r"""Convolve with a 1x1 kernel: the same dense layer at each position.

    $$y_{i j f} = \sum_c x_{i j c} \, k_{c f}$$

    Lin et al. 2014, "Network In Network".

    Args:
        images: A tensor of shape `(..., C)`.
        kernel: A tensor of shape `(C, F)`.

    Returns:
        A tensor of shape `(..., F)`.

    Examples:
        >>> pointwise_convolution(ops.ones((1, 5, 5, 3)), ops.ones((3, 8))).shape
        (1, 5, 5, 8)
    """
    return ops.matmul(images, kernel)


@keras.saving.register_keras_serializable(package="whiteboard")
class DepthwiseConv2D(KernelLayer):
    """A layer of `depthwise_convolution` with a bias.

    Weights in the order and shapes of `keras.layers.DepthwiseConv2D`: `kernel` of shape
    `(kh, kw, C, M)`, drawn Glorot-uniform, and `bias` of shape `(C M,)`, zeros.

    Args:
        kernel_size: Taps of the kernel: an integer or a pair.
        strides: An integer or a pair, as are the dilation rates.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        depth_multiplier: Number of kernels per channel, M.
        dilation_rate: Pixels from one tap to the next.
        use_bias: Whether a bias is added.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)` with known H and W.

    Returns:
        A tensor of shape `(B, H', W', C M)`.

    Raises:
        ValueError: See `cross_correlate`.

    Examples:
        >>> DepthwiseConv2D(3, padding="same")(keras.ops.zeros((2, 28, 28, 8))).shape
        (2, 28, 28, 8)
    """

    def __init__(
        self,
        kernel_size,
        strides=1,
        padding="valid",
        depth_multiplier=1,
        dilation_rate=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(
            kernel_size, strides, padding, dilation_rate, use_bias, **kwargs
        )
        require_positive(depth_multiplier=depth_multiplier)
        self.depth_multiplier = depth_multiplier

    def output_channels(self, channels):
        return channels * self.depth_multiplier

    def add_kernels(self, channels):
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self.add_weight(shape, "glorot_uniform", name="kernel")

    def convolve(self, inputs):
        return depthwise_convolution(inputs, self.kernel, *self.window)

    def get_config(self):
        return {**super().get_config(), "depth_multiplier": self.depth_multiplier}


@keras.saving.register_keras_serializable(package="whiteboard")
class SeparableConv2D(KernelLayer):
    """A depthwise convolution, then a pointwise one, with nothing in between.

    `kh kw C + C F` weights in the place of `kh kw C F`. MobileNet (Howard et al. 2017)
    puts batch normalization and a ReLU between the two; Xception (Chollet 2017) does
    not. Weights in the order and shapes of `keras.layers.SeparableConv2D` with a depth
    multiplier of 1: `(kh, kw, C, 1)`, `(1, 1, C, F)`, bias `(F,)`.

    Args:
        filters: Number of filters, F.
        kernel_size: Taps of the depthwise kernel: an integer or a pair.
        strides: Of the depthwise convolution: an integer or a pair.
        padding: `"valid"`, `"same"` or an integer; see `padding_amounts`.
        dilation_rate: Pixels from one tap to the next.
        use_bias: Whether a bias is added.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, H, W, C)` with known H and W.

    Returns:
        A tensor of shape `(B, H', W', F)`.

    Raises:
        ValueError: See `cross_correlate`.

    Examples:
        >>> SeparableConv2D(16, 3, padding="same")(keras.ops.zeros((2, 28, 28, 8))).shape
        (2, 28, 28, 16)
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(
            kernel_size, strides, padding, dilation_rate, use_bias, **kwargs
        )
        require_positive(filters=filters)
        self.filters = filters

    def add_kernels(self, channels):
        depthwise = (*self.kernel_size, channels, 1)
        pointwise = (1, 1, channels, self.filters)
        self.depthwise_kernel = self.add_weight(depthwise, name="depthwise_kernel")
        self.pointwise_kernel = self.add_weight(pointwise, name="pointwise_kernel")

    def convolve(self, inputs):
        outputs = depthwise_convolution(inputs, self.depthwise_kernel, *self.window)
        return pointwise_convolution(outputs, self.pointwise_kernel[0, 0])

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}
