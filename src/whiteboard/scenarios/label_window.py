"""From a history of customers to rows with a label, without looking ahead."""

from typing import NamedTuple

import numpy as np


class Snapshots(NamedTuple):
    """Rows of a churn table: one for each customer and cut-off.

    `x` `(N, D)` features, `y` `(N,)` 1 if the customer leaves within the horizon,
    `customer` and `cutoff` `(N,)` integers.
    """

    x: np.ndarray
    y: np.ndarray
    customer: np.ndarray
    cutoff: np.ndarray


def customer_snapshots(panel, cutoffs, horizon, delay=0):
    """Build labelled rows: features from before each cut-off, labels from after it.

    A customer who is there at the start of month t is a row of cut-off t. Its label
    is 1 if it leaves in the months t to t + horizon - 1.

    Args:
        panel: A `whiteboard.datasets.CustomerPanel`.
        cutoffs: Months t.
        horizon: Months in which leaving counts, at least 1.
        delay: Months after the cut-off at which the features are computed. Above 0
            they look into the window of the label: a leak, here to be shown.

    Returns:
        `Snapshots` of all cut-offs, one after the other.

    Raises:
        ValueError: If a window ends after the data, so that its labels are not known.

    Examples:
        >>> from whiteboard.datasets import simulate_customers
        >>> rows = customer_snapshots(simulate_customers(100, seed=7), [3, 6], horizon=3)
        >>> rows.x.shape[0] == len(rows.y)
        True
    """
    _require_known_labels(panel, cutoffs, horizon, delay)
    tables = []
    for cutoff in cutoffs:
        customer = np.flatnonzero(panel.leaves >= cutoff)  # still there
        x = panel.features(cutoff + delay)[customer]  # from the months before it
        y = panel.leaves[customer] < cutoff + horizon  # leaves within the horizon
        tables.append((x, y.astype(int), customer, np.full(len(y), cutoff)))
    return Snapshots(*map(np.concatenate, zip(*tables, strict=True)))


def _require_known_labels(panel, cutoffs, horizon, delay):
    if not horizon >= 1 or not delay >= 0:
        raise ValueError(
            "horizon must be at least 1 and delay at least 0. "
            f"Received: horizon={horizon}, delay={delay}"
        )
    if not len(cutoffs) or max(cutoffs) + horizon > panel.num_months:
        raise ValueError(
            f"Each cutoff + horizon must be at most num_months={panel.num_months}: a "
            "label is known when its window is over. "
            f"Received: cutoffs={list(cutoffs)}, horizon={horizon}"
        )
