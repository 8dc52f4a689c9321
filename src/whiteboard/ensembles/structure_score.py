"""What a leaf should say, what that is worth, and where to cut: XGBoost's arithmetic."""

from typing import NamedTuple

import numpy as np


def soft_threshold(gradient, reg_alpha):
    """Move a sum of gradients `reg_alpha` towards zero, and stop at zero.

    $$T(G) = \\mathrm{sign}(G) \\, \\max(|G| - \\alpha, 0)$$
    """
    return np.sign(gradient) * np.maximum(np.abs(gradient) - reg_alpha, 0)


def leaf_weight(gradient, hessian, reg_lambda=1.0, reg_alpha=0.0):
    """Compute the value that minimises a leaf's regularised quadratic objective.

    $$w^* = -\\frac{T(G)}{H + \\lambda}$$

    minimises $G w + \\frac{1}{2} (H + \\lambda) w^2 + \\alpha |w|$ (Chen & Guestrin 2016,
    eq. 5; the term in alpha is the software's, not the paper's).

    Args:
        gradient: Sum G of the loss's first derivatives over the leaf's rows; any shape.
        hessian: Sum H of the second derivatives; same shape.
        reg_lambda: L2 penalty on the leaf's value.
        reg_alpha: L1 penalty on the leaf's value.

    Returns:
        The leaf's value before the learning rate; same shape.

    Examples:
        >>> float(leaf_weight(gradient=-21.0, hessian=6.0, reg_lambda=1.0))
        3.0
    """
    return -soft_threshold(gradient, reg_alpha) / (hessian + reg_lambda)


def leaf_score(gradient, hessian, reg_lambda=1.0, reg_alpha=0.0):
    """Compute twice the objective that the best leaf value saves against the value 0.

    $$\\frac{T(G)^2}{H + \\lambda}$$

    Args:
        gradient, hessian, reg_lambda, reg_alpha: As in `leaf_weight`.

    Returns:
        A number of at least 0; same shape as `gradient`.
    """
    return soft_threshold(gradient, reg_alpha) ** 2 / (hessian + reg_lambda)


def split_gain(left, right, reg_lambda=1.0, reg_alpha=0.0):
    """Compute what two leaves save over one.

    $$\\frac{T(G_L)^2}{H_L + \\lambda} + \\frac{T(G_R)^2}{H_R + \\lambda}
    - \\frac{T(G_L + G_R)^2}{H_L + H_R + \\lambda}$$

    The paper (Chen & Guestrin 2016, eq. 7) halves this and subtracts gamma. XGBoost
    reports it as it stands and compares it with gamma; so does this package.

    Args:
        left: The sums (G, H) of the left leaf; numbers or arrays of any shape.
        right: The sums (G, H) of the right leaf.
        reg_lambda: L2 penalty on the leaves' values.
        reg_alpha: L1 penalty on the leaves' values.

    Returns:
        The gain; negative where the penalties make one leaf the better choice.

    Examples:
        >>> float(split_gain(left=(-3.0, 2.0), right=(3.0, 2.0), reg_lambda=1.0))
        6.0
    """
    parent = left[0] + right[0], left[1] + right[1]
    return (
        leaf_score(*left, reg_lambda, reg_alpha)
        + leaf_score(*right, reg_lambda, reg_alpha)
        - leaf_score(*parent, reg_lambda, reg_alpha)
    )


class Split(NamedTuple):
    """A cut: rows with `value < threshold` go left, NaN goes where `missing_left` says."""

    gain: float
    threshold: float
    missing_left: bool


def cut_points(values):
    """Place a threshold below, between and above sorted values.

    Args:
        values: `(N,)`, sorted, at least one, no NaN; equal values may repeat.

    Returns:
        `(N + 1,)` thresholds in the dtype of `values`: those in between are midpoints,
        and `value < threshold` holds for exactly the first `i` values at threshold `i`
        (where the two neighbours differ).

    Examples:
        >>> cut_points(np.array([1.0, 3.0]))
        array([-1.000000e-06,  2.000000e+00,  6.000001e+00])
    """
    low, high = values[:-1], values[1:]
    middle = (low + high) * low.dtype.type(0.5)
    middle = np.where(middle > low, middle, high)  # neighbours in floating point
    first = values[:1] - (np.abs(values[:1]) + 1e-6)
    last = values[-1:] + (np.abs(values[-1:]) + 1e-6)
    return np.concatenate([first, middle, last])


def find_split(
    values,
    gradients,
    hessians,
    reg_lambda=1.0,
    reg_alpha=0.0,
    min_child_weight=1.0,
    directions=(False, True),
):
    """Find the best threshold of one feature, and the better side for missing values.

    Sorts the present values once and tries each gap between two of them twice: with
    all missing rows on the right, with all of them on the left (Chen & Guestrin 2016,
    algorithm 3). "Present against missing" is a candidate too.

    Args:
        values: `(N,)`, the feature, NaN where missing.
        gradients: `(N,)`, first derivatives of the loss.
        hessians: `(N,)`, second derivatives.
        reg_lambda: L2 penalty on the leaves' values.
        reg_alpha: L1 penalty on the leaves' values.
        min_child_weight: The least sum of hessians on each side.
        directions: The sides to try for missing rows, True for left. As in XGBoost a
            tie goes to the first one, on the right to the lowest threshold and on
            the left to the highest.

    Returns:
        The best `Split`; its gain is `-inf` if no cut is allowed.

    Examples:
        >>> find_split(np.array([1, 2, 3, np.nan]), [1, 1, -1, -1], np.ones(4), 0.0)
        Split(gain=4.0, threshold=np.float64(2.5), missing_left=False)
    """
    values = np.asarray(values)
    rows = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    if not len(rows):
        return Split(-np.inf, np.nan, True)
    thresholds, best = cut_points(values[rows]), Split(-np.inf, np.nan, True)
    distinct = np.diff(values[rows], prepend=-np.inf, append=np.inf) > 0
    sums = np.stack([gradients, hessians, np.ones(len(values))])  # (3, N): G, H, rows
    total = sums.sum(axis=1, keepdims=True)
    prefix = np.insert(np.cumsum(sums[:, rows], axis=1), 0, 0, axis=1)  # (3, cuts)
    least = np.array([[min_child_weight], [1]])
    for missing_left in directions:
        left = prefix + missing_left * (total - prefix[:, -1:])
        right = total - left
        allowed = distinct & (np.minimum(left, right)[1:] >= least).all(axis=0)
        gains = np.full(len(thresholds), -np.inf, "float32")
        sides = left[:2, allowed], right[:2, allowed]
        gains[allowed] = split_gain(*sides, reg_lambda, reg_alpha)
        i = len(gains) - 1 - gains[::-1].argmax() if missing_left else gains.argmax()
        if gains[i] > best.gain:
            best = Split(float(gains[i]), thresholds[i], missing_left)
    return best
