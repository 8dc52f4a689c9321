"""Weight modulation: what StyleGAN2 put in the place of AdaIN."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: B batch, H height, W width, C channels in, F channels out, Z style size.


def modulated_convolution(x, kernel, scale, epsilon=1e-8):
    r"""Scale the input channels by the style, and each output by what that must do.

    $$w'_{ijk} = s_i \, w_{ijk}, \qquad
    w''_{ijk} = \frac{w'_{ijk}}{\sqrt{\sum_{i, k} w'^2_{ijk} + \epsilon}}$$

    i are input channels, j output channels, k positions in the kernel. For independent
    inputs of variance 1 the outputs have variance 1; nothing is measured on the maps.

    Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020,
    equations 1 and 3.

    Args:
        x: Feature maps `(B, H, W, C)`.
        kernel: `(height, width, C, F)`.
        scale: `(B, C)`.
        epsilon: Added to the sum of squares, under the root.

    Returns:
        A tensor `(B, H, W, F)`.
    """
    scaled = ops.multiply(x, ops.expand_dims(scale, (1, 2)))
    maps = ops.conv(scaled, kernel, padding="same")
    energy = ops.sum(ops.square(kernel), axis=(0, 1))  # (C, F)
    squares = ops.matmul(ops.square(scale), energy)  # (B, F)
    return maps * ops.expand_dims(ops.rsqrt(squares + epsilon), (1, 2))


@keras.saving.register_keras_serializable(package="whiteboard")
class ModulatedConv2D(keras.layers.Layer):
    """Convolution whose input channels are scaled by a style, with demodulation.

    Source: as `modulated_convolution`.

    Args:
        filters: Channels out, F.
        kernel_size: Height and width of the kernel.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Feature maps `(B, H, W, C)`.
        style: `(B, Z)`.

    Returns:
        A tensor `(B, H, W, F)`.

    Raises:
        ValueError: If a size is not positive.
    """

    def __init__(self, filters, kernel_size=3, **kwargs):
        super().__init__(**kwargs)
        require_positive(filters=filters, kernel_size=kernel_size)
        self.filters = filters
        self.kernel_size = kernel_size

    def build(self, inputs_shape, style_shape):
        channels = inputs_shape[-1]
        window = (self.kernel_size, self.kernel_size)
        self.kernel = self.add_weight(
            (*window, channels, self.filters), "glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight((self.filters,), "zeros", name="bias")
        self.scale = keras.layers.Dense(
            channels, bias_initializer="ones", name="scale", dtype=self.dtype_policy
        )
        self.scale.build(style_shape)

    def call(self, inputs, style):
        return modulated_convolution(inputs, self.kernel, self.scale(style)) + self.bias

    def compute_output_shape(self, inputs_shape, style_shape):
        return (*inputs_shape[:-1], self.filters)

    def get_config(self):
        own = {"filters": self.filters, "kernel_size": self.kernel_size}
        return {**super().get_config(), **own}
