"""Intervals from errors that were made out of sample: split conformal prediction."""

import math

import numpy as np


def conformal_margin(errors, coverage):
    r"""How far from the forecast an interval must reach, from errors of past forecasts.

    $$q = |e|_{(k)}, \quad k = \lceil (n + 1) \, \mathrm{coverage} \rceil$$

    If the next error is exchangeable with these, the interval forecast $\pm q$ holds the
    next value with at least this probability, whatever the model and the distribution.
    Time series are exchangeable at best roughly: recent errors of the same horizon, from
    a rolling origin, come nearest.

    Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005; in
    this form Lei et al., "Distribution-Free Predictive Inference for Regression", 2018.

    Args:
        errors: Errors `(n,)`, or `(n, H)` with a column for each step ahead. The model
            must not have been fitted on the values they belong to.
        coverage: Wanted share of values inside, above 0 and below 1.

    Returns:
        The margin q: a number, or `(H,)`.

    Raises:
        ValueError: If there are too few errors for the coverage, they are not finite, or
            the coverage is out of range.

    Examples:
        >>> conformal_margin([3, -1, 2, -4], coverage=0.8)
        4.0
    """
    errors = np.abs(np.asarray(errors, dtype="float64"))
    if not 0 < coverage < 1:
        raise ValueError(f"coverage must be in (0, 1). Received: coverage={coverage}")
    if errors.ndim not in (1, 2) or not np.isfinite(errors).all():
        raise ValueError(
            f"errors must be finite, (n,) or (n, H). Received: shape={errors.shape}"
        )
    rank = math.ceil(round((len(errors) + 1) * coverage, 9))
    if rank > len(errors):
        raise ValueError(
            f"coverage must be at most n / (n + 1) for n errors. Received: "
            f"coverage={coverage}, n={len(errors)}"
        )
    margin = np.sort(errors, axis=0)[rank - 1]
    return float(margin) if errors.ndim == 1 else margin
