"""Does 0.2 mean two of ten? Reliability, and what class weights do to it."""

import numpy as np


def reliability_curve(probabilities, y, num_bins=10):
    r"""Compare predicted with observed frequencies in bins of equal size.

    $$\bar p_b = \frac{1}{|B_b|} \sum_{i \in B_b} p_i, \quad
    \bar y_b = \frac{1}{|B_b|} \sum_{i \in B_b} y_i$$

    The rows, sorted by probability, are cut into `num_bins` parts.

    Args:
        probabilities: p `(N,)` in [0, 1].
        y: `(N,)` of 0 and 1.
        num_bins: Number of bins, at most N.

    Returns:
        `(predicted, observed)`, each `(num_bins,)`.

    Raises:
        ValueError: If the arrays do not fit or are out of range.

    Examples:
        >>> predicted, observed = reliability_curve([0.1, 0.3, 0.7, 0.9], [0, 0, 1, 1], 2)
        >>> print(predicted, observed)
        [0.2 0.8] [0. 1.]
    """
    p, y = _require_valid(probabilities, y)
    if not 1 <= num_bins <= len(p):
        raise ValueError(
            f"num_bins must be from 1 to N={len(p)}. Received: num_bins={num_bins}"
        )
    bins = np.array_split(np.argsort(p, kind="stable"), num_bins)
    predicted = np.array([p[rows].mean() for rows in bins])
    observed = np.array([y[rows].mean() for rows in bins])
    return predicted, observed


def expected_calibration_error(probabilities, y, num_bins=10):
    r"""Mean gap of the reliability curve, $\frac{1}{B} \sum_b |\bar p_b - \bar y_b|$.

    Naeini et al. 2015 with bins of equal size; they weight bins of equal width by their
    sizes. Arguments and errors as for `reliability_curve`. Even calibrated
    probabilities have a gap above 0 in a sample, which falls with N.
    """
    predicted, observed = reliability_curve(probabilities, y, num_bins)
    return float(np.mean(np.abs(predicted - observed)))


def undo_class_weight(probabilities, weight):
    r"""Give back the probabilities of a model trained with weighted positives.

    $$\frac{p}{1 - p} = \frac{1}{w} \frac{p'}{1 - p'}$$

    Weighting the positives by w, or drawing them w times as often, multiplies the odds of
    a model that fits by w. Order and AUC stay.

    Source: Elkan, "The Foundations of Cost-Sensitive Learning", 2001.

    Args:
        probabilities: p', any shape, in [0, 1].
        weight: w, positive.

    Returns:
        p, of the same shape.

    Raises:
        ValueError: If a value is out of range.

    Examples:
        >>> float(undo_class_weight(0.5, weight=19))
        0.05
    """
    p = np.asarray(probabilities, float)
    if not ((p >= 0) & (p <= 1)).all() or not weight > 0:
        raise ValueError(
            "probabilities must be in [0, 1] and weight positive. "
            f"Received: probabilities={p}, weight={weight}"
        )
    return p / (p + weight * (1 - p))


def _require_valid(probabilities, y):
    p, y = np.asarray(probabilities, float), np.asarray(y)
    if p.ndim != 1 or p.shape != y.shape or not p.size:
        raise ValueError(
            "probabilities and y must be one axis of the same length, not empty. "
            f"Received: shapes {p.shape} and {y.shape}"
        )
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError(
            "probabilities must be in [0, 1] and y 0 or 1. "
            f"Received: probabilities={p}, y={y}"
        )
    return p, y
