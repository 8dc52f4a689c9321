"""Splits that train on what was known on the day and test on what came after."""

import numpy as np


class PurgedTimeSplit:
    r"""Test on one cut-off, train on rows whose label window had closed by then.

    $$\mathrm{train} = \{ i : t_i + \mathrm{horizon} \le t \}, \quad
    \mathrm{test} = \{ i : t_i = t \}$$

    for each of the last `n_splits` cut-offs t. A splitter as scikit-learn has them, with
    the cut-offs as its groups. Dropping the rows whose windows overlap is called purging
    (López de Prado, "Advances in Financial Machine Learning", 2018).

    Args:
        horizon: Months of the label window.
        n_splits: Number of cut-offs tested.

    Raises:
        ValueError: If there are no groups, or no rows to train on for a cut-off.

    Examples:
        >>> cutoffs = np.repeat([3, 4, 5, 6], 2)
        >>> [(train, test)] = PurgedTimeSplit(horizon=2, n_splits=1).split(cutoffs, None, cutoffs)
        >>> print(cutoffs[train], cutoffs[test])
        [3 3 4 4] [6 6]
    """

    def __init__(self, horizon, n_splits=1):
        if not horizon >= 1 or not n_splits >= 1:
            raise ValueError(
                "horizon and n_splits must be at least 1. "
                f"Received: horizon={horizon}, n_splits={n_splits}"
            )
        self.horizon = horizon
        self.n_splits = n_splits

    def split(self, X, y=None, groups=None):
        cutoffs = _require_cutoffs(X, groups)
        for cutoff in np.unique(cutoffs)[-self.n_splits :]:
            train = np.flatnonzero(cutoffs + self.horizon <= cutoff)  # label known
            _require_rows(train, cutoff, self.horizon)
            yield train, np.flatnonzero(cutoffs == cutoff)

    def get_n_splits(self, X=None, y=None, groups=None):
        return self.n_splits


def _require_cutoffs(rows, groups):
    if groups is None or len(groups) != len(rows):
        received = None if groups is None else len(groups)
        raise ValueError(
            f"groups must be the {len(rows)} cut-offs of the rows. "
            f"Received: {received} groups"
        )
    return np.asarray(groups)


def _require_rows(train, cutoff, horizon):
    if not len(train):
        raise ValueError(
            f"No label was known at cut-off {cutoff}. Received: horizon={horizon}"
        )
