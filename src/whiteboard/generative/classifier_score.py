"""Inception Score: what a classifier's predictions say of generated samples."""

import keras
import numpy as np
from scipy.special import rel_entr


def inception_score(probabilities):
    r"""Reward sure predictions for each sample, and all classes over the samples.

    $$\exp \left( \mathbb{E}_x \, \mathrm{KL}( p(y \mid x) \,\|\, p(y) ) \right),
    \quad p(y) = \mathbb{E}_x \, p(y \mid x)$$

    From 1, all predictions alike, to the number of classes. Real data does not enter.

    Source: Salimans et al., "Improved Techniques for Training GANs", 2016.

    Args:
        probabilities: Predictions `(N, classes)` for generated samples.

    Returns:
        Number from 1 to the number of classes.

    Raises:
        ValueError: If the array has no two axes, is empty, or a row is no distribution.

    Examples:
        >>> inception_score(np.eye(10))
        10.0
    """
    p = np.asarray(keras.ops.convert_to_numpy(probabilities), dtype="float64")
    if p.ndim != 2 or not p.size:
        raise ValueError(
            f"probabilities must have shape (N, classes). Received: shape={p.shape}"
        )
    if not (p >= 0).all() or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            "probabilities must not be negative and each row must sum to 1. Received: "
            f"values from {p.min()} to {p.max()}, first sum {p[0].sum()}"
        )
    marginal = p.mean(axis=0)
    return float(np.exp(rel_entr(p, marginal).sum(axis=1).mean()))
