"""A regression tree grown from histograms of gradients, leaf by leaf or level by level."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
)

from whiteboard.ensembles.histogram import gradient_histogram

MIN_HESSIAN = 1e-3  # LightGBM's min_sum_hessian_in_leaf


@dataclass(eq=False)
class Node:
    """One box of the feature space. `value` is what it predicts: `-G / H`."""

    depth: int
    count: int
    value: float
    gain: float  # of its best split
    feature: int  # of that split
    bin: int  # codes up to this one go left
    left: "Node | None" = None
    right: "Node | None" = None


# Which leaf is split next: the one with the smallest key, the oldest among equals.
SPLIT_NEXT = {
    "leaf_wise": lambda leaf: -leaf.gain,
    "level_wise": lambda leaf: leaf.depth,
}


def split_gains(histogram, min_samples_leaf=1):
    """What every split of a node would gain.

    `gain = G_L^2 / H_L + G_R^2 / H_R - G^2 / H`, twice the drop of the second-order
    approximation of the loss. For gradients of `(y - f)^2 / 2` it is the drop of the sum
    of squares.

    Args:
        histogram: `(F, 3, K)`, see `gradient_histogram`.
        min_samples_leaf: a split that leaves fewer rows on a side gains -inf.

    Returns:
        `(F, K - 1)`: feature `f`, split between bins `k` and `k + 1`.
    """
    left = histogram.cumsum(axis=2)[:, :, :-1]  # bins 0 to k
    total = histogram.sum(axis=2, keepdims=True)
    right = total - left

    def score(sums):
        return sums[:, 0] ** 2 / np.maximum(sums[:, 1], MIN_HESSIAN)

    smaller = np.minimum(left, right)
    allowed = (smaller[:, 2] >= min_samples_leaf) & (smaller[:, 1] >= MIN_HESSIAN)
    return np.where(allowed, score(left) + score(right) - score(total), -np.inf)


class HistogramTree(BaseEstimator):
    """A tree on binned features that fits gradients and Hessians.

    A part of boosting, not a regressor by itself: `fit` takes derivatives, not targets.

    Source: best-first growth, Shi 2007; on histograms, LightGBM (Ke et al. 2017).

    Args:
        growth: "leaf_wise" splits the leaf with the largest gain, "level_wise" the oldest
            leaf of the lowest depth.
        num_leaves: when to stop, at least 2.
        max_depth: leaves this deep are not split; None for no limit.
        min_samples_leaf: rows that either side of a split must keep.

    Attributes:
        root_: the first `Node`.
        splits_: the nodes that were split, in that order.
        leaves_: the nodes that were not.
        split_evaluations_: how many (node, feature, bin edge) were looked at.
        rows_scanned_: how many rows were added to histograms.

    Examples:
        >>> tree = HistogramTree(num_leaves=2, min_samples_leaf=1)
        >>> tree.fit([[0], [1], [1]], gradients=[4, -1, -1]).predict([[0], [1]])
        array([-4.,  1.])
    """

    def __init__(
        self, growth="leaf_wise", num_leaves=31, max_depth=None, min_samples_leaf=20
    ):
        self.growth = growth
        self.num_leaves = num_leaves
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf

    def fit(self, codes, gradients, hessians=None):
        """Grows the tree.

        Args:
            codes: `(N, F)` bin numbers.
            gradients: `(N,)`.
            hessians: `(N,)`, not negative; None for ones, as squared error has.
        """
        codes, derivatives = self._check(codes, gradients, hessians)
        self.n_features_in_ = codes.shape[1]
        self.split_evaluations_ = self.rows_scanned_ = 0
        edges, num_bins = int(codes.max(axis=0).sum()), max(int(codes.max()) + 1, 2)

        def scan(rows):
            self.rows_scanned_ += len(rows)
            return gradient_histogram(codes[rows], *derivatives[:, rows], num_bins)

        def new_leaf(rows, histogram, depth):
            self.split_evaluations_ += edges
            gains = split_gains(histogram, self.min_samples_leaf)
            feature, bin = np.unravel_index(gains.argmax(), gains.shape)
            gradient, hessian, count = histogram[0].sum(axis=1)
            value = -gradient / max(hessian, MIN_HESSIAN)
            node = Node(depth, int(count), value, gains[feature, bin], feature, bin)
            working[node] = rows, histogram
            return node

        working = {}  # leaf -> its rows and its histogram
        everything = np.arange(len(codes))
        self.root_ = new_leaf(everything, scan(everything), depth=0)
        self.splits_, self.leaves_ = [], [self.root_]
        while len(self.leaves_) < self.num_leaves:
            splittable = [leaf for leaf in self.leaves_ if self._may_split(leaf)]
            if not splittable:
                break
            node = min(splittable, key=SPLIT_NEXT[self.growth])
            rows, histogram = working.pop(node)
            goes_left = codes[rows, node.feature] <= node.bin
            children = [rows[goes_left], rows[~goes_left]]
            smaller = int(len(children[1]) < len(children[0]))
            sums = [None, None]
            sums[smaller] = scan(children[smaller])
            sums[1 - smaller] = histogram - sums[smaller]  # the sibling costs no rows
            node.left = new_leaf(children[0], sums[0], node.depth + 1)
            node.right = new_leaf(children[1], sums[1], node.depth + 1)
            self.leaves_.remove(node)
            self.leaves_ += [node.left, node.right]
            self.splits_.append(node)
        return self

    def apply(self, codes):
        """Which of `leaves_` each row falls into, `(N,)`."""
        check_is_fitted(self)
        codes = check_array(codes)
        if codes.shape[1] != self.n_features_in_:
            raise ValueError(
                f"codes must have {self.n_features_in_} features, as in fit. "
                f"Received: {codes.shape[1]}"
            )
        numbers = {leaf: number for number, leaf in enumerate(self.leaves_)}
        found = np.empty(len(codes), int)
        waiting = [(self.root_, np.arange(len(codes)))]
        while waiting:
            node, rows = waiting.pop()
            if node.left is None:
                found[rows] = numbers[node]
                continue
            goes_left = codes[rows, node.feature] <= node.bin
            waiting += [(node.left, rows[goes_left]), (node.right, rows[~goes_left])]
        return found

    def predict(self, codes):
        """The value of each row's leaf, `(N,)`."""
        leaf = self.apply(codes)
        return np.array([leaf.value for leaf in self.leaves_])[leaf]

    def _may_split(self, leaf):
        return leaf.gain > 0 and (self.max_depth is None or leaf.depth < self.max_depth)

    def _check(self, codes, gradients, hessians):
        if self.growth not in SPLIT_NEXT:
            raise ValueError(
                f"growth must be one of {list(SPLIT_NEXT)}. Received: {self.growth!r}"
            )
        for name, least in {
            "num_leaves": 2,
            "max_depth": 1,
            "min_samples_leaf": 1,
        }.items():
            value = getattr(self, name)
            if name == "max_depth" and value is None:
                continue
            if not (isinstance(value, Integral) and value >= least):
                raise ValueError(
                    f"{name} must be a whole number of at least {least}. "
                    f"Received: {name}={value!r}"
                )
        codes = check_array(codes)
        if not np.issubdtype(codes.dtype, np.integer) or codes.min() < 0:
            raise ValueError(
                "codes must be bin numbers: integers from 0. "
                f"Received: dtype {codes.dtype}, smallest {codes.min()}"
            )
        hessians = np.ones(len(codes)) if hessians is None else hessians
        derivatives = check_array([gradients, hessians], dtype=float)
        check_consistent_length(codes, derivatives.T)
        if derivatives[1].min() < 0:
            raise ValueError(
                f"hessians must not be negative. Received: {derivatives[1].min()}"
            )
        return codes, derivatives
