"""The tree that XGBoost's exact method grows from gradients and Hessians."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from whiteboard.ensembles.structure_score import Split, find_split, leaf_weight

NO_GAIN = 1e-6  # XGBoost's kRtEps: a split that gains no more is not made


@dataclass
class Node:
    """A leaf, until `split`, `left` and `right` are set."""

    weight: float  # the leaf's value before the learning rate
    cover: float  # the sum of hessians over its rows
    depth: int
    feature: int = -1
    split: Split | None = None
    left: int = -1
    right: int = -1


class SecondOrderTree(BaseEstimator):
    """Regression tree grown from first and second derivatives of a loss.

    Splits every node by the largest `split_gain` down to `max_depth`, level by level,
    and then prunes from the bottom: a split that gains less than `gamma` goes if both
    its children are leaves, so a child that pays saves its parent. Chen & Guestrin
    2016; the steps are those of XGBoost's `tree_method="exact"`, in float32 where it
    uses float32.

    Args:
        max_depth: The number of splits between the root and the deepest leaf.
        reg_lambda: L2 penalty on the leaves' values.
        reg_alpha: L1 penalty on the leaves' values.
        gamma: The gain that a split must have to stay.
        min_child_weight: The least sum of hessians in a leaf.
        prune_backward: If False, `gamma` is tested while the tree grows, as in
            XGBoost's default `tree_method="hist"`: a weak split ends its branch.

    Attributes:
        nodes_: List of `Node`s, the root first, children after their parents, numbered
            as in XGBoost; a pruned split leaves its children in the list, unreachable.

    Examples:
        >>> tree = SecondOrderTree(max_depth=1, reg_lambda=0.0)
        >>> tree.fit([[1.0], [2.0]], gradients=[3.0, -3.0]).predict([[1.0], [2.0]])
        array([-3.,  3.], dtype=float32)
    """

    def __init__(
        self,
        max_depth=6,
        reg_lambda=1.0,
        reg_alpha=0.0,
        gamma=0.0,
        min_child_weight=1.0,
        prune_backward=True,
    ):
        self.max_depth = max_depth
        self.reg_lambda = reg_lambda
        self.reg_alpha = reg_alpha
        self.gamma = gamma
        self.min_child_weight = min_child_weight
        self.prune_backward = prune_backward

    def fit(self, X, gradients, hessians=None):
        """Grow the tree, then prune it.

        Args:
            X: `(N, D)`, NaN where a value is missing.
            gradients: `(N,)`, first derivatives of each row's loss by its prediction.
            hessians: `(N,)`, second derivatives, not negative; ones if None.

        Returns:
            The tree.

        Raises:
            ValueError: If a parameter is negative, X is no table with a row, or the
                derivatives are not one finite number a row.
        """
        X, gradients, hessians = self._validate(X, gradients, hessians)
        self.n_features_in_ = X.shape[1]
        # A feature without missing values sends later ones to the left.
        tries = [(False, True) if np.isnan(x).any() else (True,) for x in X.T]
        self.nodes_ = [self._leaf(gradients, hessians, depth=0)]
        rows_of = [np.arange(len(X))]
        for node, rows in zip(self.nodes_, rows_of, strict=True):  # both grow meanwhile
            if node.depth == self.max_depth:
                continue
            g, h = gradients[rows], hessians[rows]
            penalties = self.reg_lambda, self.reg_alpha, self.min_child_weight
            splits = [
                find_split(X[rows, i], g, h, *penalties, t) for i, t in enumerate(tries)
            ]
            feature = max(range(len(splits)), key=lambda i: splits[i].gain)
            split = splits[feature]
            weak = not self.prune_backward and split.gain < self.gamma
            if split.gain <= NO_GAIN or weak:
                continue
            node.feature, node.split = feature, split
            node.left, node.right = len(self.nodes_), len(self.nodes_) + 1
            left = goes_left(X[rows, feature], split)
            for side in (left, ~left):
                self.nodes_.append(self._leaf(g[side], h[side], node.depth + 1))
                rows_of.append(rows[side])
        self.prune()
        return self

    def prune(self):
        """Turn weak splits into leaves, from the bottom up."""
        for node in reversed(self.nodes_):
            if node.split is None or node.split.gain >= self.gamma:
                continue
            children = self.nodes_[node.left], self.nodes_[node.right]
            if all(child.split is None for child in children):
                node.split = None

    def predict(self, X):
        """Send each row down to its leaf.

        Args:
            X: `(N, D)`, NaN where a value is missing.

        Returns:
            `(N,)`, float32, the leaves' values before any learning rate.
        """
        check_is_fitted(self)
        X = np.asarray(X, "float32")
        if X.ndim != 2 or X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have {self.n_features_in_} features. Received: shape {X.shape}"
            )
        values = np.empty(len(X), "float32")
        reached = {0: np.arange(len(X))}
        for i, node in enumerate(self.nodes_):
            rows = reached.pop(i, None)
            if rows is None:
                continue
            if node.split is None:
                values[rows] = node.weight
                continue
            left = goes_left(X[rows, node.feature], node.split)
            reached[node.left], reached[node.right] = rows[left], rows[~left]
        return values

    def dump(self, learning_rate=1.0):
        """Write the tree as text, in the grammar of XGBoost's `Booster.get_dump()`."""
        check_is_fitted(self)
        lines, stack = [], [0]
        while stack:
            i = stack.pop()
            node = self.nodes_[i]
            text = f"leaf={node.weight * np.float32(learning_rate):.9g}"
            if node.split:
                default = node.left if node.split.missing_left else node.right
                text = f"[f{node.feature}<{node.split.threshold:.9g}] "
                text += f"yes={node.left},no={node.right},missing={default}"
                stack += [node.right, node.left]
            lines.append("\t" * node.depth + f"{i}:{text}\n")
        return "".join(lines)

    def _leaf(self, gradients, hessians, depth):
        sums = gradients.sum(dtype="float64"), hessians.sum(dtype="float64")
        weight = leaf_weight(*sums, self.reg_lambda, self.reg_alpha)
        return Node(np.float32(weight), float(sums[1]), depth)

    def _validate(self, X, gradients, hessians):
        for name in (
            "max_depth",
            "reg_lambda",
            "reg_alpha",
            "gamma",
            "min_child_weight",
        ):
            value = getattr(self, name)
            if not value >= 0:
                raise ValueError(
                    f"{name} must not be negative. Received: {name}={value}"
                )
        X = np.asarray(X, "float32")
        if X.ndim != 2 or not X.size:
            raise ValueError(f"X must be a table (N, D). Received: shape {X.shape}")
        if np.isinf(X).any():
            raise ValueError(f"X must be finite or NaN. Received: {X[np.isinf(X)][0]}")
        if hessians is None:
            hessians = np.ones(len(X))
        derivatives = {"gradients": gradients, "hessians": hessians}
        for name, values in derivatives.items():
            derivatives[name] = values = np.asarray(values, "float32")
            if values.shape != X.shape[:1] or not np.isfinite(values).all():
                raise ValueError(
                    f"{name} must be one finite number a row. Received: shape "
                    f"{values.shape} for {len(X)} rows, "
                    f"{np.count_nonzero(~np.isfinite(values))} not finite"
                )
        if (derivatives["hessians"] < 0).any():
            least = derivatives["hessians"].min()
            raise ValueError(f"hessians must not be negative. Received: {least}")
        return X, *derivatives.values()


def goes_left(values, split):
    """Tell which rows go left: `value < threshold`, and NaN by the default direction."""
    return np.where(np.isnan(values), split.missing_left, values < split.threshold)
