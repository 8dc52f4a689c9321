"""ResNet: units that add what they compute to what they were given."""

import functools
import math

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier


def residual_unit(x, convolutions, use_bias, name):
    r"""Add the output of some convolutions to their input, then apply ReLU.

    $$y = \max(0, F(x) + x), \quad F(x) = \mathrm{BN}(W_n * \ldots \max(0, \mathrm{BN}(W_1 * x)))$$

    He, Zhang, Ren & Sun 2016, equations 1 and 2. Where F changes the shape, a 1 x 1
    convolution with batch norm projects x to it.

    Args:
        x: A tensor `(N, H, W, C)`.
        convolutions: `(filters, kernel_size, strides)` of each.
        use_bias: Whether the convolutions have a bias.
        name: Start of the names of the layers; `{name}_out` is the last.

    Returns:
        A tensor `(N, H / s, W / s, filters)`, s the product of the strides, rounded up.

    Examples:
        >>> residual_unit(x, basic_convolutions(64), use_bias=False, name="stage2_block1")
    """
    residual = shortcut = x
    for i, convolution in enumerate(convolutions, 1):
        if i > 1:
            residual = layers.ReLU(name=f"{name}_{i - 1}_relu")(residual)
        residual = convolve(residual, *convolution, use_bias, f"{name}_{i}")
    filters = residual.shape[-1]
    strides = math.prod(strides for _, _, strides in convolutions)
    if strides > 1 or x.shape[-1] != filters:
        shortcut = convolve(x, filters, 1, strides, use_bias, f"{name}_shortcut")
    total = layers.Add(name=f"{name}_add")([shortcut, residual])
    return layers.ReLU(name=f"{name}_out")(total)


def convolve(x, filters, kernel_size, strides, use_bias, name):
    """Convolve with zeros on all sides, then normalize over the batch.

    `padding="same"` would pad a strided convolution on the right and below only.
    """
    if kernel_size > 1:
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides,
        use_bias=use_bias,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(epsilon=1.001e-5, name=f"{name}_bn")(x)


def basic_convolutions(filters, strides=1):
    """The convolutions of a unit of ResNet-18 and 34."""
    return [(filters, 3, strides), (filters, 3, 1)]


def bottleneck_convolutions(filters, strides=1, stride_on_3x3=False):
    """The convolutions of a unit of ResNet-50 and deeper: narrow, look, widen."""
    first, second = (1, strides) if stride_on_3x3 else (strides, 1)
    return [(filters, 1, first), (filters, 3, second), (4 * filters, 1, 1)]


def resnet(depths, block, input_shape, classes, use_bias):
    """Build a ResNet of four stages with so many units each; `ResNet50` documents it."""
    x = inputs = image_input(input_shape, min_size=32)
    x = convolve(x, 64, 7, 2, use_bias, "conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for i in range(1, depth + 1):
            strides = 2 if stage > 2 and i == 1 else 1
            convolutions = block(64 * 2 ** (stage - 2), strides)
            x = residual_unit(x, convolutions, use_bias, f"stage{stage}_block{i}")
    x = layers.GlobalAveragePooling2D(name="pool5")(x)
    layers_with_weights = 1 + len(block(64)) * sum(depths) + 1
    name = f"resnet{layers_with_weights}"
    return keras.Model(inputs, softmax_classifier(x, classes), name=name)


def ResNet18(input_shape=(224, 224, 3), classes=1000):
    """Build ResNet-18, of two 3 x 3 convolutions a unit: 11,689,512 trainable parameters."""
    return resnet([2, 2, 2, 2], basic_convolutions, input_shape, classes, False)


def ResNet34(input_shape=(224, 224, 3), classes=1000):
    """Build ResNet-34, of two 3 x 3 convolutions a unit: 21,797,672 trainable parameters."""
    return resnet([3, 4, 6, 3], basic_convolutions, input_shape, classes, False)


def ResNet50(
    input_shape=(224, 224, 3), classes=1000, stride_on_3x3=False, use_bias=True
):
    """Build ResNet-50, of bottleneck units: 25,636,712 parameters.

    He, Zhang, Ren & Sun 2016, table 1. By default weights in the order and shapes of
    `keras.applications.ResNet50`; `stride_on_3x3=True, use_bias=False` is the network of
    torchvision, often called v1.5, with 25,557,032 trainable parameters.

    Args:
        input_shape: `(height, width, channels)`, height and width at least 32 or None.
        classes: The number of classes.
        stride_on_3x3: Whether a block that halves the map does so in its 3 x 3
            convolution, not in its first 1 x 1.
        use_bias: Whether the convolutions have a bias, which the batch norm after them
            takes out again.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If an image is smaller than 32 x 32.

    Examples:
        >>> ResNet50(input_shape=(None, None, 3)).count_params()
        25636712
    """
    block = functools.partial(bottleneck_convolutions, stride_on_3x3=stride_on_3x3)
    return resnet([3, 4, 6, 3], block, input_shape, classes, use_bias)


def ResNet101(
    input_shape=(224, 224, 3), classes=1000, stride_on_3x3=False, use_bias=True
):
    """Build ResNet-101, a longer `ResNet50`: 44,707,176 parameters."""
    block = functools.partial(bottleneck_convolutions, stride_on_3x3=stride_on_3x3)
    return resnet([3, 4, 23, 3], block, input_shape, classes, use_bias)


def ResNet152(
    input_shape=(224, 224, 3), classes=1000, stride_on_3x3=False, use_bias=True
):
    """Build ResNet-152, a longer `ResNet50`: 60,419,944 parameters."""
    block = functools.partial(bottleneck_convolutions, stride_on_3x3=stride_on_3x3)
    return resnet([3, 8, 36, 3], block, input_shape, classes, use_bias)
