"""AlexNet: five convolutions and three dense layers, split over two GPUs."""

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier
from whiteboard.cnn.local_response_normalization import LocalResponseNormalization


def AlexNet(input_shape=(224, 224, 3), classes=1000, grouped=True):
    """Build AlexNet: 60,965,224 parameters, without groups 62,378,344.

    Krizhevsky, Sutskever & Hinton 2012, section 3.5. The paper says images of 224 x 224;
    its 55 x 55 outputs of the first layer need 227 x 227, so three zeros are added.

    Args:
        input_shape: `(height, width, channels)`, height and width at least 64.
        classes: The number of classes.
        grouped: Whether the second, fourth and fifth convolution see only the half of
            the maps that is on their own GPU.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If an image is smaller than 64 x 64, or an axis is unknown.

    Examples:
        >>> AlexNet().count_params()
        60965224
    """

    def convolution(x, filters, kernel_size, number, groups=1):
        return layers.Conv2D(
            filters,
            kernel_size,
            padding="same",
            activation="relu",
            groups=groups,
            name=f"conv{number}",
        )(x)

    split = 2 if grouped else 1
    x = inputs = image_input(input_shape, min_size=64, any_size=False)
    x = layers.ZeroPadding2D(((1, 2), (1, 2)), name="pad")(x)  # (227, 227, 3)
    x = layers.Conv2D(96, 11, strides=4, activation="relu", name="conv1")(x)
    x = LocalResponseNormalization(name="norm1")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)  # (27, 27, 96)
    x = convolution(x, 256, 5, number=2, groups=split)
    x = LocalResponseNormalization(name="norm2")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool2")(x)  # (13, 13, 256)
    x = convolution(x, 384, 3, number=3)
    x = convolution(x, 384, 3, number=4, groups=split)
    x = convolution(x, 256, 3, number=5, groups=split)
    x = layers.MaxPooling2D(3, strides=2, name="pool5")(x)  # (6, 6, 256)
    x = layers.Flatten(name="flatten")(x)
    for number in (6, 7):
        x = layers.Dense(4096, "relu", name=f"fc{number}")(x)
        x = layers.Dropout(0.5, name=f"dropout{number}")(x)
    return keras.Model(inputs, softmax_classifier(x, classes), name="alexnet")
