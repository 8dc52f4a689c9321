"""A regression tree, grown greedily by exact search: CART."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

# Shapes: N rows, F features, K outputs, M nodes.


def best_split(x, y, min_samples_leaf=1):
    r"""Find the split that lowers the sum of squared errors most.

    With outputs centred on their mean and $S_L$ their sum over the left rows, a split
    of N rows into $N_L$ and $N_R$ lowers the sum of squared errors by

    $$\frac{S_L^2}{N_L} + \frac{S_R^2}{N_R} = \frac{N}{N_L N_R} S_L^2, \quad S_R = -S_L$$

    so one cumulative sum per sorted column scores every split of it. Breiman et al.
    1984, "Classification and Regression Trees".

    Args:
        x: The features, `(N, F)`.
        y: The outputs, `(N, K)`. The reduction is summed over them.
        min_samples_leaf: The fewest rows on either side.

    Returns:
        `(reduction, feature, threshold)`; rows with `x <= threshold` go left.
        `None` if no split is allowed.

    Examples:
        >>> best_split(np.array([[1.0], [2.0], [4.0]]), np.array([[0.0], [0.0], [3.0]]))
        (6.0, 0, 3.0)
    """
    rows = len(x)
    order = np.argsort(x, axis=0, kind="stable")  # (N, F)
    values = np.take_along_axis(x, order, axis=0)
    left = np.arange(1, rows)[:, None]  # rows on the left, (N - 1, 1)
    left_sum = np.cumsum((y - y.mean(axis=0))[order], axis=0)[:-1]  # (N - 1, F, K)
    reduction = (left_sum**2).sum(axis=-1) * rows / (left * (rows - left))
    large_enough = np.minimum(left, rows - left) >= min_samples_leaf
    allowed = (values[:-1] < values[1:]) & large_enough
    if not allowed.any():
        return None
    reduction[~allowed] = -np.inf
    row, feature = np.unravel_index(reduction.argmax(), reduction.shape)
    below, above = values[row : row + 2, feature]
    middle = below / 2 + above / 2
    threshold = middle if middle < above else below  # neighbouring floats
    return float(reduction[row, feature]), int(feature), float(threshold)


class RegressionTree(RegressorMixin, BaseEstimator):
    """A binary tree with a constant in each leaf: the mean of the rows that fall there.

    Grown depth first; each node takes the split that lowers the squared error most
    (`best_split`), until it is pure or a limit is met. Breiman et al. 1984. With
    one-hot targets the squared error is the Gini impurity, so the same tree classifies.

    Args:
        max_depth: The most splits from the root to a leaf; `None` for no limit.
        min_samples_split: The fewest rows that a node needs to be split.
        min_samples_leaf: The fewest rows in a leaf.
        max_features: How many features each node draws to choose from: a number, a
            fraction, `"sqrt"` of all, or `None` for all. If none of them can split
            the node, it draws further ones.
        random_state: Seed of that draw.

    Attributes:
        feature_: The feature that each node splits on, -1 in a leaf, `(M,)`.
        threshold_: A row goes left if its feature is not above it, `(M,)`.
        children_: The left and the right child of each node, `(M, 2)`.
        value_: The mean output of each node, `(M, K)`. Boosting overwrites leaves.
        reduction_: By how much its split lowers the sum of squared errors, `(M,)`.
        depth_: The depth of each node, `(M,)`.

    Raises:
        ValueError: If a limit is out of range or the data are not finite.

    Examples:
        >>> tree = RegressionTree(max_depth=1).fit([[1], [2], [4]], [0, 0, 3])
        >>> tree.predict([[2.9], [3.1]])
        array([0., 3.])
    """

    def __init__(
        self,
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=None,
        random_state=None,
    ):
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.random_state = random_state

    def fit(self, X, y):
        """Grow the tree for features `(N, F)` and outputs `(N,)` or `(N, K)`."""
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True
        )
        self._require_limits()
        self._flat = y.ndim == 1
        self._grow(X, np.asarray(y, np.float64).reshape(len(X), -1))
        return self

    def _grow(self, x, y):
        rng = check_random_state(self.random_state)
        nodes, waiting = (
            [],
            [(np.arange(len(x)), 0, None)],
        )  # rows, depth, parent's slot
        while waiting:
            rows, depth, slot = waiting.pop()
            split = self._split(x[rows], y[rows], depth, rng)
            reduction, feature, threshold = split or (0.0, -1, np.nan)
            children, mean = [-1, -1], y[rows].mean(axis=0)
            if slot:
                slot[0][slot[1]] = len(nodes)
            nodes.append((feature, threshold, children, mean, reduction, depth))
            if split:
                goes_left = x[rows, feature] <= threshold
                waiting.append((rows[~goes_left], depth + 1, (children, 1)))
                waiting.append((rows[goes_left], depth + 1, (children, 0)))
        columns = [np.array(column) for column in zip(*nodes, strict=True)]
        self.feature_, self.threshold_, self.children_ = columns[:3]
        self.value_, self.reduction_, self.depth_ = columns[3:]

    def _split(self, x, y, depth, rng):
        too_deep = self.max_depth is not None and depth >= self.max_depth
        if too_deep or len(x) < self.min_samples_split or not np.ptp(y, axis=0).any():
            return None
        drawn = self._num_features()
        features = np.arange(x.shape[1])
        if drawn < len(features):
            features = rng.permutation(features)
        for start in range(0, len(features), drawn):
            candidates = features[start : start + drawn]
            if split := best_split(x[:, candidates], y, self.min_samples_leaf):
                reduction, feature, threshold = split
                return reduction, int(candidates[feature]), threshold
        return None

    def apply(self, X):
        """The leaf that each row of `(N, F)` falls into, `(N,)`."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        node = np.zeros(len(X), dtype=int)
        while (inside := np.flatnonzero(self.feature_[node] >= 0)).size:
            at = node[inside]
            goes_right = X[inside, self.feature_[at]] > self.threshold_[at]
            node[inside] = self.children_[at, goes_right.astype(int)]
        return node

    def predict(self, X):
        """The value of the leaf that each row falls into, `(N,)` or `(N, K)`."""
        leaves = self.apply(X)
        return self.value_[leaves, 0] if self._flat else self.value_[leaves]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _num_features(self):
        total = self.n_features_in_
        if self.max_features is None:
            return total
        if self.max_features == "sqrt":
            return max(1, int(total**0.5))
        if isinstance(self.max_features, float):
            return max(1, int(total * self.max_features))
        return min(self.max_features, total)

    def _require_limits(self):
        for name, least in [
            ("max_depth", 0),
            ("min_samples_split", 2),
            ("min_samples_leaf", 1),
        ]:
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(
                    f"{name} must be at least {least}. Received: {name}={value}"
                )
        drawn = self.max_features
        if drawn is None or drawn == "sqrt":
            return
        most = 1 if isinstance(drawn, float) else np.inf
        if isinstance(drawn, str) or not 0 < drawn <= most:
            raise ValueError(
                "max_features must be None, 'sqrt', a fraction in (0, 1] or a positive "
                f"integer. Received: max_features={drawn!r}"
            )
