"""A small image classifier: convolutions, pooling, and one softmax."""

import keras
from keras import layers

from whiteboard.cnn.image_classifier import image_input, softmax_classifier


def SmallConvNet(input_shape, filters=(16, 32), classes=10):
    """Build 3 x 3 convolutions with ReLU, 2 x 2 max pooling between, global at the end.

    Global max pooling keeps of each feature map how strong it is, and drops where.

    Args:
        input_shape: `(height, width, channels)`, height and width may be None.
        filters: Number of filters of each convolution.
        classes: The number of classes.

    Returns:
        A `keras.Model` from images `(N, *input_shape)` to probabilities `(N, classes)`,
        with the layers "conv1", "pool1", "conv2" and on, "pool", "predictions".

    Raises:
        ValueError: If `filters` is empty or the image too small for the pooling.

    Examples:
        >>> SmallConvNet((8, 8, 1)).count_params()
        5130
    """
    if not filters or min(filters) < 1:
        raise ValueError(
            f"filters must be numbers of at least 1. Received: filters={filters}"
        )
    x = inputs = image_input(input_shape, min_size=2 ** (len(filters) - 1))
    for i, count in enumerate(filters, start=1):
        if i > 1:
            x = layers.MaxPooling2D(2, name=f"pool{i - 1}")(x)
        x = layers.Conv2D(count, 3, padding="same", activation="relu", name=f"conv{i}")(
            x
        )
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    return keras.Model(inputs, softmax_classifier(x, classes), name="small_convnet")
