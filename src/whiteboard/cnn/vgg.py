"""VGG: the same 3 x 3 convolution again and again."""

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier


def VGG16(input_shape=(224, 224, 3), classes=1000):
    """Build VGG-16, configuration D: 13 convolutions, 3 dense, 138,357,544 parameters.

    Simonyan & Zisserman 2015, table 1. Weights in the order and shapes of
    `keras.applications.VGG16`, which leaves out the dropout.

    Args:
        input_shape: `(height, width, channels)`, height and width at least 32.
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If an image is smaller than 32 x 32, or an axis is unknown.

    Examples:
        >>> VGG16(input_shape=(64, 64, 3), classes=10)
    """
    return vgg([2, 2, 3, 3, 3], input_shape, classes, name="vgg16")


def VGG19(input_shape=(224, 224, 3), classes=1000):
    """Build VGG-19, configuration E: `VGG16` with 16 convolutions, 143,667,240."""
    return vgg([2, 2, 4, 4, 4], input_shape, classes, name="vgg19")


def vgg(convolutions, input_shape, classes, name):
    """Build a VGG network of five stages with so many convolutions each."""
    x = inputs = image_input(input_shape, min_size=32, any_size=False)
    filters = [64, 128, 256, 512, 512]
    for stage, (count, width) in enumerate(zip(convolutions, filters, strict=True), 1):
        for i in range(1, count + 1):
            x = layers.Conv2D(
                width,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"stage{stage}_conv{i}",
            )(x)
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    for i in (1, 2):
        x = layers.Dense(4096, "relu", name=f"fc{i}")(x)
        x = layers.Dropout(0.5, name=f"dropout{i}")(x)
    return keras.Model(inputs, softmax_classifier(x, classes), name=name)
