"""CatBoost's symmetric tree: one question a level, and a table of leaves."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data


def leaf_index(X, features, thresholds):
    """Read a row's answers as a binary number: the index of its leaf.

    Args:
        X: `(N, D)`.
        features: `(depth,)`, the feature that each level asks for.
        thresholds: `(depth,)`, the level's question is `x > threshold`.

    Returns:
        `(N,)` integers below `2**depth`.

    Examples:
        >>> leaf_index(np.array([[5.0, 1.0]]), [0, 1], [3.0, 3.0])
        array([1])
    """
    answers = X[:, features] > thresholds  # (N, depth)
    return answers @ (1 << np.arange(len(features)))


def leaf_means(leaf, targets, n_leaves):
    """Average the targets in each leaf; 0 in a leaf without rows.

    Args:
        leaf: `(N,)`, each row's leaf.
        targets: `(N,)`.
        n_leaves: The number of leaves.

    Returns:
        `(n_leaves,)`.

    Examples:
        >>> leaf_means(np.array([0, 0, 2]), np.array([1.0, 3.0, 5.0]), 3)
        array([2., 0., 5.])
    """
    count = np.bincount(leaf, minlength=n_leaves)
    return np.bincount(leaf, targets, n_leaves) / np.maximum(count, 1)


class ObliviousTreeRegressor(RegressorMixin, BaseEstimator):
    """Least-squares regression tree that asks every node of a level the same question.

    Each level takes the feature and threshold that lower the squared error most, summed
    over all leaves so far. Kohavi & Li 1995; the base learner of CatBoost (Prokhorenkova et al. 2018, section 5).

    Args:
        max_depth: Levels; growth stops early if no question lowers the error.
        max_thresholds: The most thresholds tried for a feature, at its quantiles.

    Attributes:
        features_: `(depth,)`, the feature that each level asks for.
        thresholds_: `(depth,)`, the threshold of each level.
        values_: `(2**depth,)`, the mean target of each leaf; of an empty leaf, the
            mean of the leaf that it was split from.

    Examples:
        >>> tree = ObliviousTreeRegressor(max_depth=1).fit([[0.0], [1.0]], [2.0, 4.0])
        >>> tree.predict([[0.0], [1.0]])
        array([2., 4.])
    """

    def __init__(self, max_depth=6, max_thresholds=254):
        self.max_depth = max_depth
        self.max_thresholds = max_thresholds

    def fit(self, X, y):
        """Grow the tree on `(N, D)` finite numbers and `(N,)` targets."""
        for name, least in {"max_depth": 0, "max_thresholds": 1}.items():
            value = getattr(self, name)
            if not value >= least:
                raise ValueError(f"{name} must be at least {least}. Received: {value}")
        X, y = validate_data(self, X, y, y_numeric=True, dtype="float64")
        y = y.astype("float64")
        cuts = [self._cuts(x) for x in X.T]
        bins = [
            np.searchsorted(c, x) for c, x in zip(cuts, X.T, strict=True)
        ]  # x > cut
        self.features_, self.thresholds_ = np.empty(0, int), np.empty(0)
        self.values_, leaf = np.array([y.mean()]), np.zeros(len(y), int)
        for _ in range(self.max_depth):
            gains = [
                self._gains(leaf, b, len(c), y) for b, c in zip(bins, cuts, strict=True)
            ]
            best = max(range(len(gains)), key=lambda i: gains[i].max(initial=-np.inf))
            if not gains[best].max(initial=-np.inf) > 1e-12 * np.sum(y**2):
                break
            threshold = cuts[best][gains[best].argmax()]
            self.features_ = np.append(self.features_, best)
            self.thresholds_ = np.append(self.thresholds_, threshold)
            leaf = leaf_index(X, self.features_, self.thresholds_)
            parents = np.tile(self.values_, 2)  # the last question is the highest bit
            filled = np.isin(np.arange(len(parents)), leaf)
            means = leaf_means(leaf, y, len(parents))
            self.values_ = np.where(filled, means, parents)
        return self

    def predict(self, X):
        """Look each row's leaf up: `(N,)`."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype="float64")
        return self.values_[leaf_index(X, self.features_, self.thresholds_)]

    def _cuts(self, x):
        """Thresholds between the feature's distinct values, thinned to quantiles."""
        values = np.unique(x)
        middles = values[:-1] / 2 + values[1:] / 2
        if len(middles) > self.max_thresholds:
            levels = np.linspace(0, 1, self.max_thresholds + 2)[1:-1]
            middles = np.unique(np.quantile(x, levels, method="inverted_cdf"))
            middles = middles[middles < values[-1]]
        return middles

    def _gains(self, leaf, bins, n_cuts, y):
        """What each threshold lowers the squared error by, summed over the leaves."""
        shape = leaf.max() + 1, n_cuts + 1
        cell = leaf * shape[1] + bins
        count = np.bincount(cell, minlength=np.prod(shape)).reshape(shape)
        total = np.bincount(cell, y, np.prod(shape)).reshape(shape)
        left = count.cumsum(axis=1)[:, :-1], total.cumsum(axis=1)[:, :-1]
        whole = count.sum(axis=1, keepdims=True), total.sum(axis=1, keepdims=True)
        right = whole[0] - left[0], whole[1] - left[1]
        score = [t**2 / np.maximum(n, 1) for n, t in (left, right, whole)]
        return (score[0] + score[1] - score[2]).sum(axis=0)
