"""How a style steers feature maps: AdaIN, and the noise beside it."""

import keras
from keras import ops

from whiteboard.fundamentals import normalize, require_not_negative

# Shapes: B batch, H height, W width, C channels, Z style size.


def adaptive_instance_normalization(x, scale, shift, epsilon=1e-5):
    r"""Give each channel of each image the deviation and mean that a style asks for.

    $$\mathrm{AdaIN}(x, s, b)_c = s_c \, \frac{x_c - \mu(x_c)}{\sigma(x_c)} + b_c$$

    Source: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive
    Instance Normalization", 2017, equation 8; with a learned style, Karras et al. 2019.

    Args:
        x: Feature maps `(B, H, W, C)`.
        scale: `(B, C)`.
        shift: `(B, C)`.
        epsilon: Added to the variance, under the root.

    Returns:
        A tensor `(B, H, W, C)`, at least float32.
    """
    scale, shift = (ops.expand_dims(style, (1, 2)) for style in (scale, shift))
    normalized = normalize(x, axes=(1, 2), epsilon=epsilon)
    return ops.add(ops.multiply(scale, normalized), shift)


@keras.saving.register_keras_serializable(package="whiteboard")
class AdaptiveInstanceNormalization(keras.layers.Layer):
    """Instance normalization whose scale and shift are linear in a style.

    Source: as `adaptive_instance_normalization`.

    Args:
        epsilon: Added to the variance, under the root.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Feature maps `(B, H, W, C)`.
        style: `(B, Z)`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `epsilon` is negative.
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        require_not_negative(epsilon=epsilon)
        self.epsilon = epsilon

    def build(self, inputs_shape, style_shape):
        channels = inputs_shape[-1]
        layer = {"dtype": self.dtype_policy}
        self.scale = keras.layers.Dense(
            channels, bias_initializer="ones", name="scale", **layer
        )
        self.shift = keras.layers.Dense(channels, name="shift", **layer)
        self.scale.build(style_shape)
        self.shift.build(style_shape)

    def call(self, inputs, style):
        outputs = adaptive_instance_normalization(
            inputs, self.scale(style), self.shift(style), self.epsilon
        )
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, inputs_shape, style_shape):
        return inputs_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


@keras.saving.register_keras_serializable(package="whiteboard")
class NoiseInjection(keras.layers.Layer):
    """Add one noise map to all channels, each with a learned strength, at first 0.

    Source: Karras et al. 2019, section 2.

    Args:
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Feature maps `(B, H, W, C)`.
        noise: `(B, H, W, 1)`.

    Returns:
        A tensor of the shape of `inputs`.
    """

    def build(self, inputs_shape, noise_shape):
        self.strength = self.add_weight((inputs_shape[-1],), "zeros", name="strength")

    def call(self, inputs, noise):
        return inputs + self.strength * noise

    def compute_output_shape(self, inputs_shape, noise_shape):
        return inputs_shape
