"""Digits as images on a black canvas, and moves by whole pixels."""

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split


def load_digit_images(canvas_size=8):
    """Load the digits as images, in the middle of a black canvas.

    Pixels run from 0 to 1. Which 1347 digits are for training and which 450 for testing
    is fixed, stratified by class, and the same as in `load_digits`.

    Source: the test set of Alpaydin and Kaynak's optical recognition of handwritten
    digits (UCI), 1797 images of 0 to 9, 8 by 8 pixels, as they ship with scikit-learn.

    Args:
        canvas_size: Height and width of the canvas, at least 8.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 images `(N, canvas_size,
        canvas_size, 1)` and int32 labels 0 to 9.

    Raises:
        ValueError: If `canvas_size` is below 8.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_digit_images(canvas_size=16)
        >>> x_train.shape
        (1347, 16, 16, 1)
    """
    if canvas_size < 8:
        raise ValueError(
            f"canvas_size must be at least 8. Received: canvas_size={canvas_size}"
        )
    pixels, labels = datasets.load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        pixels, labels.astype("int32"), test_size=450, stratify=labels, random_state=0
    )
    margin = canvas_size - 8
    middle = (margin // 2, margin - margin // 2)
    x_train, x_test = (
        np.pad(x.reshape(-1, 8, 8, 1) / 16, ((0, 0), middle, middle, (0, 0)))
        for x in (x_train, x_test)
    )
    return (x_train.astype("float32"), y_train), (x_test.astype("float32"), y_test)


def translate(images, dy, dx):
    """Move images by whole pixels; what leaves is lost, and black (0) enters.

    Args:
        images: An array `(..., H, W, C)`.
        dy: Pixels to move down, an integer; negative moves up.
        dx: Pixels to move right, an integer; negative moves left.

    Returns:
        A new array of the shape of `images`.

    Examples:
        >>> translate(np.array([[[1.0], [2.0], [3.0]]]), dy=0, dx=1)[..., 0]
        array([[0., 1., 2.]])
    """
    moved = np.zeros_like(images)
    height, width = images.shape[-3:-1]
    (to_y, from_y), (to_x, from_x) = _overlap(dy, height), _overlap(dx, width)
    moved[..., to_y, to_x, :] = images[..., from_y, from_x, :]
    return moved


def _overlap(shift, size):
    """Which slice of an axis is filled after a move, and which slice it comes from."""
    shift = max(-size, min(size, shift))
    return (
        slice(max(0, shift), size + min(0, shift)),
        slice(max(0, -shift), size - max(0, shift)),
    )


def translate_randomly(images, max_shift, seed):
    """Move each image by its own random number of pixels, up to `max_shift` each way.

    Args:
        images: An array `(N, H, W, C)`.
        max_shift: The largest move along an axis, an integer of at least 0.
        seed: An integer or a `numpy.random.Generator`.

    Returns:
        A new array of the shape of `images`.

    Raises:
        ValueError: If `max_shift` is negative.

    Examples:
        >>> translate_randomly(np.ones((2, 16, 16, 1)), max_shift=4, seed=7).shape
        (2, 16, 16, 1)
    """
    if max_shift < 0:
        raise ValueError(
            f"max_shift must not be negative. Received: max_shift={max_shift}"
        )
    rng = np.random.default_rng(seed)
    shifts = rng.integers(-max_shift, max_shift + 1, size=(len(images), 2))
    moved = [translate(x, *shift) for x, shift in zip(images, shifts, strict=True)]
    return np.array(moved, images.dtype).reshape(images.shape)
