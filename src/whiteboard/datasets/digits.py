"""Handwritten digits, 8 by 8 pixels, as they ship with scikit-learn."""

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split


def load_digits():
    """Load the digits as standardized rows, split into 1347 to train and 450 to test.

    Each pixel has mean 0 and variance 1 over the training rows; a pixel that is
    constant there is 0 everywhere. The split is fixed and stratified by class.

    Source: the test set of Alpaydin and Kaynak's optical recognition of handwritten
    digits (UCI), 1797 images of 0 to 9.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 rows of 64 pixels and int32
        labels 0 to 9.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_digits()
        >>> x_train.shape, y_test.shape
        ((1347, 64), (450,))
    """
    pixels, labels = datasets.load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        pixels, labels.astype("int32"), test_size=450, stratify=labels, random_state=0
    )
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    scale = np.where(deviation > 0, deviation, np.inf)
    x_train, x_test = ((x - mean) / scale for x in (x_train, x_test))
    return (x_train.astype("float32"), y_train), (x_test.astype("float32"), y_test)
