"""A category as a number: target statistics that leak the target, and one that does not."""

import numpy as np


def target_statistic(categories, targets, prior, new_categories, prior_weight=1.0):
    """Encode new rows by the smoothed mean target of their category.

    $$\\hat{x} = \\frac{\\sum_j [c_j = c] \\, y_j + a p}{\\sum_j [c_j = c] + a}$$

    This is how test rows are encoded. With `new_categories=categories` it is the
    greedy statistic, which puts each row's own target into its feature (Prokhorenkova
    et al. 2018, eq. 5; Micci-Barreca 2001).

    Args:
        categories: `(N,)`, one category a row.
        targets: `(N,)`, numbers.
        prior: The number p that rare categories are drawn to, such as the mean target.
        new_categories: `(M,)`, the categories to encode; unseen ones get the prior.
        prior_weight: The weight a of the prior, in rows; positive.

    Returns:
        `(M,)` encoded values.

    Raises:
        ValueError: If there are not as many finite targets as categories, or
            `prior_weight` is not positive.

    Examples:
        >>> target_statistic(["a", "a", "b"], [1, 0, 1], 0.5, ["a", "b", "c"])
        array([0.5 , 0.75, 0.5 ])
    """
    categories, targets = _checked(categories, targets, prior_weight)
    kinds, of_row = np.unique(categories, return_inverse=True)
    total = np.append(np.bincount(of_row, targets, len(kinds)), 0)
    count = np.append(np.bincount(of_row, minlength=len(kinds)), 0)
    place = {kind: i for i, kind in enumerate(kinds.tolist())}
    rows = [place.get(c, len(kinds)) for c in np.asarray(new_categories).tolist()]
    return (total[rows] + prior_weight * prior) / (count[rows] + prior_weight)


def leave_one_out_statistic(categories, targets, prior, prior_weight=1.0):
    """Encode each row by its category's smoothed mean target without its own target.

    Still leaks: within a category the encoding falls as the row's own target rises
    (Prokhorenkova et al. 2018, section 3.2).

    Args:
        categories, targets, prior, prior_weight: As in `target_statistic`.

    Returns:
        `(N,)` encoded values.

    Examples:
        >>> leave_one_out_statistic(["a", "a", "a"], [1, 0, 0], 0.5)
        array([0.16666667, 0.5       , 0.5       ])
    """
    categories, targets = _checked(categories, targets, prior_weight)
    _, of_row = np.unique(categories, return_inverse=True)
    total = np.bincount(of_row, targets)[of_row] - targets
    count = np.bincount(of_row)[of_row] - 1
    return (total + prior_weight * prior) / (count + prior_weight)


def ordered_target_statistic(categories, targets, prior, order, prior_weight=1.0):
    """Encode each row by the targets of the rows of its category that came before it.

    $$\\hat{x}_k = \\frac{\\sum_{j \\text{ before } k} [c_j = c_k] \\, y_j + a p}
    {\\sum_{j \\text{ before } k} [c_j = c_k] + a}$$

    "Before" is in an artificial order, a random permutation (Prokhorenkova et al. 2018,
    section 3.2).

    Args:
        categories, targets, prior, prior_weight: As in `target_statistic`.
        order: `(N,)`, a permutation: the row that comes first, second, and so on.

    Returns:
        `(N,)` encoded values, in the order of `categories`.

    Raises:
        ValueError: Also if `order` is no permutation of the rows.

    Examples:
        >>> ordered_target_statistic(["a", "a", "a"], [1, 0, 0], 0.5, order=[2, 0, 1])
        array([0.25, 0.5 , 0.5 ])
    """
    categories, targets = _checked(categories, targets, prior_weight)
    if not np.array_equal(np.sort(order), np.arange(len(targets))):
        raise ValueError(f"order must be a permutation of the rows. Received: {order}")
    total, count, encoded = {}, {}, np.empty(len(targets))
    kinds = categories.tolist()
    for k in order:
        kind = kinds[k]
        seen, rows = total.get(kind, 0.0), count.get(kind, 0)
        encoded[k] = (seen + prior_weight * prior) / (rows + prior_weight)
        total[kind], count[kind] = seen + targets[k], rows + 1
    return encoded


def _checked(categories, targets, prior_weight):
    categories, targets = np.asarray(categories), np.asarray(targets, float)
    if categories.ndim != 1 or categories.shape != targets.shape:
        raise ValueError(
            "categories and targets must be two lists of one length. Received: shapes "
            f"{categories.shape} and {targets.shape}"
        )
    if not np.isfinite(targets).all():
        raise ValueError(f"targets must be finite. Received: {targets}")
    if not prior_weight > 0:
        raise ValueError(f"prior_weight must be positive. Received: {prior_weight}")
    return categories, targets
