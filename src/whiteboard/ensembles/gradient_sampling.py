"""Gradient-based one-side sampling: keep what is badly fitted, sample the rest."""

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import column_or_1d


def gradient_one_side_sample(
    gradients, top_rate=0.2, other_rate=0.1, random_state=None
):
    """Rows to grow the next tree from, and the weight of each.

    All of the `top_rate * N` rows with the largest `|gradient|`, and `other_rate * N` of
    the others at random. Those stand for all the others, so their gradients and Hessians
    are multiplied by `(1 - top_rate) / other_rate`: without the factor every sum would be
    biased towards the badly fitted rows, with it every sum is right on average.

    Source: Ke et al. 2017, algorithm 2. LightGBM ranks by `|gradient * Hessian|`.

    Args:
        gradients: `(N,)`.
        top_rate: `a`, the share that is kept, from 0 to below 1.
        other_rate: `b`, the share that is sampled, above 0; `a + b` at most 1.
        random_state: an int, a NumPy `RandomState`, or None.

    Returns:
        `rows` and `weights`, both `(M,)`.

    Raises:
        ValueError: a rate out of its range, or so small that no row is left to sample.

    Examples:
        >>> rows, weights = gradient_one_side_sample(np.arange(10), 0.2, 0.1)
        >>> len(rows), weights
        (3, array([1., 1., 8.]))
    """
    gradients = column_or_1d(gradients, dtype=float)
    if not (0 <= top_rate < 1 and other_rate > 0 and top_rate + other_rate <= 1):
        raise ValueError(
            "top_rate must be at least 0, other_rate above 0, their sum at most 1. "
            f"Received: top_rate={top_rate}, other_rate={other_rate}"
        )
    if not np.isfinite(gradients).all():
        raise ValueError("gradients must be finite. Received: NaN or infinity")
    num_top = round(top_rate * len(gradients))
    num_other = round(other_rate * len(gradients))
    if not num_other:
        raise ValueError(
            "other_rate must leave at least one row to sample. "
            f"Received: other_rate={other_rate} of {len(gradients)} rows"
        )
    by_size = np.argsort(-np.abs(gradients), kind="stable")
    top, others = by_size[:num_top], by_size[num_top:]
    sampled = check_random_state(random_state).choice(others, num_other, replace=False)
    stands_for = len(others) / num_other  # (1 - a) / b
    weights = np.repeat([1.0, stands_for], [num_top, num_other])
    return np.concatenate([top, sampled]), weights
