"""Weights that ship with the package, made by the scripts in `training/`."""

from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).parent / "weights"


def save_trained_weights(model, name):
    """Write a model's weights where `load_trained_weights` finds them.

    Args:
        model: A built `keras.Model`.
        name: Name of the file, without its ending.

    Returns:
        The path that was written.
    """
    path = WEIGHTS / f"{name}.npz"
    arrays = [np.asarray(array) for array in model.get_weights()]
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, *arrays)
    return partial.replace(path)


def load_trained_weights(model, name):
    """Set a model's weights to those that ship with the package.

    Args:
        model: A built `keras.Model` of the architecture that was trained.
        name: Name under which its training script saved them.

    Returns:
        `model`.

    Raises:
        ValueError: If there are no such weights, or they do not fit the model.
    """
    known = sorted(path.stem for path in WEIGHTS.glob("*.npz"))
    if name not in known:
        raise ValueError(f"name must be one of {known}. Received: name={name!r}")
    with (WEIGHTS / f"{name}.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        arrays = [stored[f"arr_{i}"] for i in range(len(stored.files))]
    shapes = [array.shape for array in arrays]
    expected = [tuple(weight.shape) for weight in model.weights]
    if shapes != expected:
        raise ValueError(
            f"model must have the weights of {name!r}, of shapes {shapes}. "
            f"Received: a model with weights of shapes {expected}"
        )
    model.set_weights(arrays)
    return model
