import urllib.error

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from whiteboard.datasets import load_medmnist


def stored(path, shape=(28, 28), label_width=1):
    arrays = {}
    for i, part in enumerate(("train", "val", "test"), start=1):
        arrays[f"{part}_images"] = np.full((i, *shape), 51 * i, "uint8")
        arrays[f"{part}_labels"] = np.full((i, label_width), 1, "uint8")
    np.savez(path, **arrays)
    return path


def test_reads_the_three_parts(tmp_path):
    parts = load_medmnist("pneumoniamnist", path=stored(tmp_path / "x.npz"))
    for i, (images, labels) in enumerate(parts, start=1):
        assert images.shape == (i, 28, 28, 1) and images.dtype == "float32"
        np.testing.assert_allclose(images, i / 5)
        assert labels.shape == (i,) and labels.dtype == "int32"


def test_color_and_several_findings_keep_their_axes(tmp_path):
    path = stored(tmp_path / "x.npz", (28, 28, 3), label_width=14)
    (images, labels), _, _ = load_medmnist("chestmnist", path=str(path))
    assert images.shape == (1, 28, 28, 3) and labels.shape == (1, 14)


@pytest.mark.parametrize(
    "failure",
    [urllib.error.URLError("Name or service not known"), TimeoutError("timed out")],
    ids=lambda failure: type(failure).__name__,
)
def test_without_network_says_what_to_do(monkeypatch, tmp_path, failure):
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))

    def fail(*_):
        raise failure

    monkeypatch.setattr(file_utils, "urlretrieve", fail)
    with pytest.raises(ConnectionError, match="breastmnist.*zenodo.*path=..."):
        load_medmnist("breastmnist")


def test_a_damaged_file_is_not_called_a_lost_connection(monkeypatch):
    def broken(*_, **__):
        raise ValueError("Incomplete or corrupted file detected.")

    monkeypatch.setattr(keras.utils, "get_file", broken)
    with pytest.raises(ValueError, match="corrupted"):
        load_medmnist("breastmnist")


def test_unknown_names_and_paths_are_refused(tmp_path):
    with pytest.raises(ValueError, match="name must be one of .*Received: name='lung'"):
        load_medmnist("lung")
    with pytest.raises(FileNotFoundError, match="path must be that of octmnist.npz"):
        load_medmnist("octmnist", path=tmp_path / "nothing.npz")
