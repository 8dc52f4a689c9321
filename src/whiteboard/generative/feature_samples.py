"""What a generator is judged on: samples of feature vectors, checked."""

import keras
import numpy as np


def as_features(minimum=1, **samples):
    """Turn samples of features into float64 arrays of the same width, or say why not.

    Args:
        minimum: Rows that each sample needs at least.
        **samples: Name of an argument to its array or tensor `(N, D)`.

    Returns:
        List of float64 arrays `(N, D)`, in the order given.

    Raises:
        ValueError: If a sample is not of that shape, too small, not finite, or not as
            wide as the first.

    Examples:
        >>> real, generated = as_features(real=images.reshape(-1, 64), generated=fakes)
    """
    arrays = {
        name: np.asarray(keras.ops.convert_to_numpy(sample), dtype="float64")
        for name, sample in samples.items()
    }
    width = next(iter(arrays.values())).shape[-1:]
    for name, array in arrays.items():
        if array.ndim != 2 or not array.size or array.shape[1:] != width:
            shapes = ", ".join(f"{key} {x.shape}" for key, x in arrays.items())
            raise ValueError(
                f"{name} must have shape (N, D) with one D for all. Received: {shapes}"
            )
        if len(array) < minimum:
            raise ValueError(
                f"{name} must have at least {minimum} rows. "
                f"Received: {name}.shape={array.shape}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite. Received NaN or infinity")
    return list(arrays.values())
