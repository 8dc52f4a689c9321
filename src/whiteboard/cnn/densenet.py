"""DenseNet: each layer reads the outputs of all layers before it in its block."""

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier


def dense_layer(x, growth_rate, name):
    r"""Append the maps of one layer to all the maps it read.

    $$x_l = [x_{l-1}, H_l(x_{l-1})]$$

    H is batch norm, ReLU and convolution, 1 x 1 and then 3 x 3. Huang, Liu, van der
    Maaten & Weinberger 2017, equation 2.

    Args:
        x: A tensor `(N, H, W, C)`.
        growth_rate: The number of new maps.
        name: Start of the names of the layers; `{name}_concat` is the last.

    Returns:
        A tensor `(N, H, W, C + growth_rate)`.

    Examples:
        >>> dense_layer(keras.Input((8, 8, 64)), 32, "stage2_layer1").shape
        (None, 8, 8, 96)
    """
    new = preactivated_convolution(x, 4 * growth_rate, 1, f"{name}_1")
    new = preactivated_convolution(new, growth_rate, 3, f"{name}_2")
    return layers.Concatenate(name=f"{name}_concat")([x, new])


def preactivated_convolution(x, filters, kernel_size, name):
    """Batch norm, ReLU, convolution: the order of He et al. 2016, the second paper."""
    x = normalized_relu(x, name)
    return layers.Conv2D(
        filters,
        kernel_size,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)


def normalized_relu(x, name):
    x = layers.BatchNormalization(epsilon=1.001e-5, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def DenseNet121(input_shape=(224, 224, 3), classes=1000):
    """Build DenseNet-121: four dense blocks, 8,062,504 parameters.

    Huang, Liu, van der Maaten & Weinberger 2017, table 1. Between the blocks a
    transition halves the number of maps and their size. Weights in the order and shapes
    of `keras.applications.DenseNet121`.

    Args:
        input_shape: `(height, width, channels)`, height and width at least 32 or None.
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If an image is smaller than 32 x 32.

    Examples:
        >>> DenseNet121().count_params()
        8062504
    """
    x = inputs = image_input(input_shape, min_size=32)
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(
        64,
        7,
        strides=2,
        use_bias=False,
        kernel_initializer="he_normal",
        name="conv1_conv",
    )(x)
    x = normalized_relu(x, "conv1")
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate([6, 12, 24, 16], 2):
        if stage > 2:
            transition = f"transition{stage - 1}"
            x = preactivated_convolution(x, x.shape[-1] // 2, 1, transition)
            x = layers.AveragePooling2D(2, name=f"{transition}_pool")(x)
        for i in range(1, depth + 1):
            x = dense_layer(x, growth_rate=32, name=f"stage{stage}_layer{i}")
    x = normalized_relu(x, "final")
    x = layers.GlobalAveragePooling2D(name="pool5")(x)
    return keras.Model(inputs, softmax_classifier(x, classes), name="densenet121")
