"""LeNet-5: convolution and subsampling in turn, then dense layers."""

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier


def LeNet5(input_shape=(32, 32, 1), classes=10):
    r"""Build LeNet-5 as it is usually simplified: 61,706 parameters.

    LeCun, Bottou, Bengio & Haffner 1998, section II.B; the layers have its names. The
    paper's subsampling had a weight and a bias for each map, its C3 saw only some maps
    of S2, its tanh was $1.7159 \tanh(2x/3)$ and its output layer radial basis functions.

    Args:
        input_shape: `(height, width, channels)`, height and width at least 32.
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`.

    Raises:
        ValueError: If an image is smaller than 32 x 32, or an axis is unknown.

    Examples:
        >>> LeNet5().count_params()
        61706
    """
    x = inputs = image_input(input_shape, min_size=32, any_size=False)
    x = layers.Conv2D(6, 5, activation="tanh", name="c1")(x)  # (28, 28, 6)
    x = layers.AveragePooling2D(2, name="s2")(x)  # (14, 14, 6)
    x = layers.Conv2D(16, 5, activation="tanh", name="c3")(x)  # (10, 10, 16)
    x = layers.AveragePooling2D(2, name="s4")(x)  # (5, 5, 16)
    x = layers.Conv2D(120, 5, activation="tanh", name="c5")(x)  # (1, 1, 120)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(84, activation="tanh", name="f6")(x)
    return keras.Model(inputs, softmax_classifier(x, classes), name="lenet5")
