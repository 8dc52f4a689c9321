"""MedMNIST: real medical images of 28 by 28 pixels, downloaded once by Keras."""

from pathlib import Path

import keras
import numpy as np

ZENODO = "https://zenodo.org/record/6496656/files"
MD5 = {
    "bloodmnist": "7053d0359d879ad8a5505303e11de1dc",
    "breastmnist": "750601b1f35ba3300ea97c75c52ff8f6",
    "chestmnist": "02c8a6516a18b556561a56cbdd36c4a8",
    "dermamnist": "0744692d530f8e62ec473284d019b0c7",
    "octmnist": "c68d92d5b585d8d81f7112f81e2d0842",
    "organamnist": "866b832ed4eeba67bfb9edee1d5544e6",
    "organcmnist": "0afa5834fb105f7705a7d93372119a21",
    "organsmnist": "e5c39f1af030238290b9557d9503af9d",
    "pathmnist": "a8b06965200029087d5bd730944a56c1",
    "pneumoniamnist": "28209eda62fecd6e6a2d98b1501bb15f",
    "retinamnist": "bd4c0672f1bba3e3a89f0e4e876791e4",
    "tissuemnist": "ebe78ee8b05294063de985d821c1c34b",
}


def load_medmnist(name, path=None):
    """Load a two-dimensional set of MedMNIST v2, with its official split.

    Yang et al. 2023, "MedMNIST v2". The files do not say which images are of the same
    patient, so their own split has to be trusted.

    Args:
        name: A key of `MD5`, such as `"pneumoniamnist"`.
        path: Where `<name>.npz` lies; None downloads it into Keras' cache, and checks
            it.

    Returns:
        `(x_train, y_train), (x_val, y_val), (x_test, y_test)`: float32 images
        `(N, 28, 28, C)` from 0 to 1 with C of 1 or 3, and int32 labels `(N,)`, or
        `(N, 14)` for the 14 findings of `"chestmnist"`.

    Raises:
        ValueError: If `name` is unknown.
        FileNotFoundError: If there is no file at `path`.
        ConnectionError: If the data are not in Keras' cache and cannot be downloaded.

    Examples:
        >>> train, validation, test = load_medmnist("pneumoniamnist")
    """
    if name not in MD5:
        raise ValueError(f"name must be one of {[*MD5]}. Received: name={name!r}")
    if path is None:
        path = _download(name)
    elif not Path(path).is_file():
        raise FileNotFoundError(f"path must be that of {name}.npz. Received: {path=}")
    with np.load(path, allow_pickle=False) as stored:
        return tuple(
            _prepare(stored[f"{part}_images"], stored[f"{part}_labels"])
            for part in ("train", "val", "test")
        )


def _download(name):
    url = f"{ZENODO}/{name}.npz?download=1"
    try:
        return keras.utils.get_file(f"{name}.npz", url, file_hash=MD5[name])
    except Exception as error:
        # A failed download is a bare Exception, or an OSError of the connection.
        if type(error) is not Exception and not isinstance(error, OSError):
            raise
        raise ConnectionError(
            f"{name} is not in Keras' cache and could not be downloaded from {url}: "
            f"{error}. Download it elsewhere and say where: "
            f"load_medmnist({name!r}, path=...)."
        ) from error


def _prepare(images, labels):
    if images.ndim == 3:
        images = images[..., None]
    labels = labels.astype("int32")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    return images.astype("float32") / 255, labels
