"""An EfficientNet in small: depthwise convolutions, each channel weighed by its image."""

import keras
from keras import layers

from whiteboard.cnn import image_input, softmax_classifier
from whiteboard.fundamentals import require_positive


def inverted_bottleneck(x, filters, expansion=4, strides=1):
    """Expand by 1 x 1, filter each channel by 3 x 3, weigh the channels, project by 1 x 1.

    MBConv of Tan & Le 2019 (EfficientNet): the inverted residual of Sandler et al. 2018
    with the squeeze and excitation of Hu et al. 2018. The sum has no activation behind
    it.

    Args:
        x: A tensor `(B, H, W, C)`.
        filters: F, channels of the result.
        expansion: The depthwise convolution works on `expansion * C` channels.
        strides: S, of the depthwise convolution.

    Returns:
        A tensor `(B, ceil(H / S), ceil(W / S), F)`; `x` is added where the shapes agree.

    Examples:
        >>> inverted_bottleneck(keras.Input((24, 24, 8)), filters=16, strides=2).shape
        (None, 12, 12, 16)
    """
    wide, y = expansion * x.shape[-1], x
    y = _normalized(layers.Conv2D(wide, 1, use_bias=False)(y), "silu")
    depthwise = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)
    y = _normalized(depthwise(y), "silu")  # (B, H/S, W/S, wide)
    squeezed = layers.GlobalAveragePooling2D(keepdims=True)(y)  # (B, 1, 1, wide)
    squeezed = layers.Conv2D(max(1, x.shape[-1] // 4), 1, activation="silu")(squeezed)
    y = y * layers.Conv2D(wide, 1, activation="sigmoid")(squeezed)
    y = _normalized(layers.Conv2D(filters, 1, use_bias=False)(y))
    return x + y if x.shape == y.shape else y


def SmallEfficientNet(input_shape, filters=(16, 24, 40), classes=2):
    """Build a stem and a stage of two inverted bottlenecks for each entry of `filters`.

    Args:
        input_shape: `(height, width, channels)`, height and width may be None.
        filters: Channels of the stages; each but the first halves the resolution.
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If `filters` is empty or not positive, or the image too small.

    Examples:
        >>> SmallEfficientNet((24, 24, 1)).output_shape
        (None, 2)
    """
    if not filters:
        raise ValueError(f"filters must not be empty. Received: filters={filters}")
    require_positive(filters=min(filters))
    x = inputs = image_input(input_shape, min_size=2 ** (len(filters) - 1))
    stem = layers.Conv2D(filters[0], 3, padding="same", use_bias=False, name="stem")
    x = _normalized(stem(x), "silu")
    for stage, count in enumerate(filters):
        x = inverted_bottleneck(x, count, strides=1 if stage == 0 else 2)
        x = inverted_bottleneck(x, count)
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    return keras.Model(inputs, softmax_classifier(x, classes), name="efficient_net")


def _normalized(x, activation=None):
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.Activation(activation)(x) if activation else x
