"""ConvNeXt: a ResNet with the habits of a Transformer, and no attention."""

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier


@keras.saving.register_keras_serializable(package="whiteboard")
class LayerScale(keras.layers.Layer):
    r"""Multiply each channel by a learned number that starts near zero.

    $$y_c = \gamma_c x_c$$

    Touvron et al. 2021, Going deeper with image transformers.

    Args:
        initial_value: What the factors start at.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor `(..., C)`.

    Returns:
        A tensor of the same shape.

    Examples:
        >>> LayerScale(0.5)(keras.ops.ones((1, 2)))
        [[0.5, 0.5]]
    """

    def __init__(self, initial_value=1e-6, **kwargs):
        super().__init__(**kwargs)
        self.initial_value = initial_value
        self.supports_masking = True

    def build(self, input_shape):
        if input_shape[-1] is None:
            raise ValueError(
                "LayerScale needs a known number of channels. "
                f"Received: input_shape={input_shape}"
            )
        initializer = keras.initializers.Constant(self.initial_value)
        self.gamma = self.add_weight(
            shape=(input_shape[-1],), initializer=initializer, name="gamma"
        )
        self.built = True

    def call(self, inputs):
        return inputs * self.gamma

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "initial_value": self.initial_value}


def convnext_block(x, name):
    """Mix space channel by channel, then channels point by point, and add.

    Liu et al. 2022, figure 4: one normalization and one activation a block, and the
    wide layer in the middle, as in the feed-forward layer of a Transformer. A `Dense` on a
    map is a 1 x 1 convolution.

    Args:
        x: A tensor `(N, H, W, C)`.
        name: Start of the names of the layers; `{name}_out` is the last.

    Returns:
        A tensor `(N, H, W, C)`.

    Examples:
        >>> convnext_block(keras.Input((56, 56, 96)), "stage1_block1").shape
        (None, 56, 56, 96)
    """
    channels = x.shape[-1]
    y = layers.DepthwiseConv2D(7, padding="same", name=f"{name}_depthwise")(x)
    y = normalize(y, f"{name}_norm")
    y = layers.Dense(4 * channels, "gelu", name=f"{name}_widen")(y)
    y = layers.Dense(channels, name=f"{name}_narrow")(y)
    y = LayerScale(name=f"{name}_scale")(y)
    return layers.Add(name=f"{name}_out")([x, y])


def normalize(x, name):
    return layers.LayerNormalization(epsilon=1e-6, name=name)(x)


def ConvNeXtTiny(input_shape=(224, 224, 3), classes=1000):
    """Build ConvNeXt-T: stages of 3, 3, 9 and 3 blocks, 28,589,128 parameters.

    Liu et al. 2022. Weights in the order of `keras.applications.ConvNeXtTiny`; the
    depthwise kernels are `(7, 7, C, 1)` for its `(7, 7, 1, C)`. Stochastic depth, which
    the paper trains with, and the scaling of pixels are left out.

    Args:
        input_shape: `(height, width, channels)`, height and width at least 32 or None.
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If an image is smaller than 32 x 32.

    Examples:
        >>> ConvNeXtTiny().count_params()
        28589128
    """
    x = inputs = image_input(input_shape, min_size=32)
    x = layers.Conv2D(96, 4, strides=4, name="stem_conv")(x)
    x = normalize(x, "stem_norm")
    for stage, (depth, channels) in enumerate(
        [(3, 96), (3, 192), (9, 384), (3, 768)], 1
    ):
        if stage > 1:
            x = normalize(x, f"downsample{stage}_norm")
            x = layers.Conv2D(channels, 2, strides=2, name=f"downsample{stage}_conv")(x)
        for i in range(1, depth + 1):
            x = convnext_block(x, f"stage{stage}_block{i}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = normalize(x, "head_norm")
    return keras.Model(inputs, softmax_classifier(x, classes), name="convnext_tiny")
