"""Both ends of an image classifier: the input, checked, and the softmax."""

import keras

from whiteboard.fundamentals import require_positive


def image_input(input_shape, min_size, any_size=True):
    """Make the input of an image network, or say why there can be none.

    Args:
        input_shape: `(height, width, channels)`.
        min_size: The smallest height and width that leave something to the last layer.
        any_size: Whether height and width may be None, which a network with global
            pooling allows and one that flattens its last feature map does not.

    Returns:
        A symbolic tensor `(N, height, width, channels)`.

    Raises:
        ValueError: If `input_shape` has no three axes, an axis is too small, or one is
            unknown that has to be known.

    Examples:
        >>> image_input((None, None, 3), min_size=32).shape
        (None, None, None, 3)
    """
    *size, channels = input_shape
    unknown = min_size if any_size else 0
    fits = all((unknown if n is None else n) >= min_size for n in size)
    if len(size) != 2 or not fits or not channels or channels < 1:
        raise ValueError(
            "input_shape must be (height, width, channels) with height and width of at "
            f"least {min_size}{' or None' if any_size else ''} and at least 1 channel. "
            f"Received: input_shape={input_shape}"
        )
    return keras.Input(tuple(input_shape), name="image")


def softmax_classifier(x, classes):
    """Map features `(N, D)` to probabilities `(N, classes)`, never in half precision.

    Args:
        x: A tensor `(N, D)`.
        classes: The number of classes.

    Returns:
        A tensor `(N, classes)` in the precision of the weights: float32 under a mixed
        policy.

    Raises:
        ValueError: If `classes` is not positive.

    Examples:
        >>> softmax_classifier(keras.ops.ones((2, 5)), 10).shape
        (2, 10)
    """
    require_positive(classes=classes)
    dtype = keras.config.dtype_policy().variable_dtype
    return keras.layers.Dense(classes, "softmax", dtype=dtype, name="predictions")(x)
