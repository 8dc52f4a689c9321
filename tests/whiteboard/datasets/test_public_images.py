import urllib.error
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from whiteboard.datasets import load_cifar10, load_mnist

FILES = {load_mnist: "mnist.npz", load_cifar10: "cifar-10-batches-py-target_archive"}
NAMES = {load_mnist: "MNIST", load_cifar10: "CIFAR-10"}


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("load", FILES)
@pytest.mark.parametrize(
    "failure",
    [
        urllib.error.URLError("Name or service not known"),
        urllib.error.HTTPError("http://x", 404, "Not Found", None, None),
        TimeoutError("timed out"),
        ConnectionResetError("reset by peer"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_without_network_says_what_is_missing_and_where_it_goes(
    monkeypatch, empty_cache, load, failure
):
    asked = []

    def fail(url, path, *_):
        asked.append((url, path))
        raise failure

    monkeypatch.setattr(file_utils, "urlretrieve", fail)
    with pytest.raises(ConnectionError, match=NAMES[load]) as refusal:
        load()
    ((url, path),) = asked
    assert path == str(empty_cache / "datasets" / FILES[load])
    assert url in str(refusal.value) and path in str(refusal.value)


@pytest.mark.parametrize("load", FILES)
def test_other_errors_are_not_called_a_lost_connection(monkeypatch, load):
    def broken():
        raise ValueError("Incomplete or corrupted file detected.")

    for source in (keras.datasets.mnist, keras.datasets.cifar10):
        monkeypatch.setattr(source, "load_data", broken)
    with pytest.raises(ValueError, match="corrupted"):
        load()


def test_mnist_has_a_channel_and_runs_from_0_to_1(monkeypatch):
    pixels = np.arange(2 * 28 * 28, dtype="uint8").reshape(2, 28, 28)
    labels = np.array([3, 9], "uint8")
    monkeypatch.setattr(
        keras.datasets.mnist, "load_data", lambda: ((pixels, labels), (pixels, labels))
    )
    for images, y in load_mnist():
        assert images.shape == (2, 28, 28, 1) and images.dtype == "float32"
        np.testing.assert_allclose(images[..., 0] * 255, pixels, atol=1e-4)
        assert y.dtype == "int32" and list(y) == [3, 9]


def test_cifar10_labels_have_one_axis(monkeypatch):
    pixels, labels = (
        np.full((2, 32, 32, 3), 255, "uint8"),
        np.array([[3], [9]], "uint8"),
    )
    monkeypatch.setattr(
        keras.datasets.cifar10,
        "load_data",
        lambda: ((pixels, labels), (pixels, labels)),
    )
    (images, y), _ = load_cifar10()
    assert images.shape == (2, 32, 32, 3) and images.max() == 1
    assert y.dtype == "int32" and list(y) == [3, 9]


@pytest.mark.parametrize(
    ("load", "shape", "size"),
    [(load_mnist, (28, 28, 1), 60_000), (load_cifar10, (32, 32, 3), 50_000)],
)
def test_the_real_data_where_they_are_cached(load, shape, size):
    cache = Path.home() / ".keras/datasets" / FILES[load]
    if not cache.exists():
        pytest.skip(f"{cache} is not there, and the tests download nothing")
    (x_train, y_train), (x_test, y_test) = load()
    assert x_train.shape == (size, *shape) and x_test.shape == (10_000, *shape)
    assert set(y_train) == set(y_test) == set(range(10))
