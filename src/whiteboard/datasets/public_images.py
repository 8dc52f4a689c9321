"""MNIST and CIFAR-10: downloaded once by Keras, then read from its cache."""

import os
from pathlib import Path

import keras

MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
CIFAR10_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"


def load_mnist():
    """Load MNIST: handwritten digits of 28 by 28 pixels, 60,000 to train, 10,000 to test.

    LeCun, Bottou, Bengio & Haffner 1998.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 images `(N, 28, 28, 1)` from 0
        to 1 and int32 labels 0 to 9.

    Raises:
        ConnectionError: If the data are not in Keras' cache and cannot be downloaded.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_mnist()
    """
    return _load(keras.datasets.mnist, "MNIST", MNIST_URL, "mnist.npz")


def load_cifar10():
    """Load CIFAR-10: photos of 32 by 32 pixels in 10 classes, 50,000 and 10,000.

    Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 images `(N, 32, 32, 3)` from 0
        to 1 and int32 labels 0 to 9.

    Raises:
        ConnectionError: If the data are not in Keras' cache and cannot be downloaded.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_cifar10()
    """
    cache = "cifar-10-batches-py-target_archive"
    return _load(keras.datasets.cifar10, "CIFAR-10", CIFAR10_URL, cache)


def _load(source, name, url, cache_name):
    try:
        splits = source.load_data()
    except Exception as error:
        # A failed download is a bare Exception, or an OSError of the connection.
        if type(error) is not Exception and not isinstance(error, OSError):
            raise
        home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
        path = home / "datasets" / cache_name
        raise ConnectionError(
            f"{name} is not at {path} and could not be downloaded from {url}: {error}. "
            "Download it elsewhere and save it under exactly that path."
        ) from error
    return tuple(_prepare(images, labels) for images, labels in splits)


def _prepare(images, labels):
    if images.ndim == 3:
        images = images[..., None]
    return images.astype("float32") / 255, labels.reshape(-1).astype("int32")
