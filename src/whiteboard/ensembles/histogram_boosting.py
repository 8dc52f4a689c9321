"""Gradient boosting of squared error on binned features."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from whiteboard.ensembles.histogram import QuantileBinner
from whiteboard.ensembles.histogram_tree import HistogramTree


class HistogramBoostingRegressor(RegressorMixin, BaseEstimator):
    """Boosted `HistogramTree`s for squared error.

    `f_0 = mean(y)`, `f_t = f_{t-1} + learning_rate * tree_t`, where `tree_t` fits the
    gradients `f_{t-1} - y` and Hessians 1.

    Source: Ke et al. 2017. With equal settings, scikit-learn's
    `HistGradientBoostingRegressor` grows the same trees.

    Args:
        n_estimators: number of trees.
        learning_rate: above 0.
        growth, num_leaves, max_depth, min_samples_leaf: see `HistogramTree`.
        max_bins: see `QuantileBinner`.

    Attributes:
        binner_: the fitted `QuantileBinner`.
        baseline_: mean target.
        trees_: list of `HistogramTree`.

    Examples:
        >>> X = np.arange(100.0).reshape(-1, 1)
        >>> HistogramBoostingRegressor().fit(X, X.ravel()).score(X, X.ravel()) > 0.95
        True
    """

    def __init__(
        self,
        n_estimators=100,
        learning_rate=0.1,
        growth="leaf_wise",
        num_leaves=31,
        max_depth=None,
        min_samples_leaf=20,
        max_bins=255,
    ):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.growth = growth
        self.num_leaves = num_leaves
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.max_bins = max_bins

    def fit(self, X, y):
        """Bins once, then adds tree after tree."""
        if not (isinstance(self.n_estimators, Integral) and self.n_estimators >= 1):
            raise ValueError(
                "n_estimators must be a whole number of at least 1. "
                f"Received: n_estimators={self.n_estimators!r}"
            )
        if not (isinstance(self.learning_rate, Real) and self.learning_rate > 0):
            raise ValueError(
                "learning_rate must be a number above 0. "
                f"Received: learning_rate={self.learning_rate!r}"
            )
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self.binner_ = QuantileBinner(self.max_bins)
        codes = self.binner_.fit_transform(X)
        self.baseline_ = y.mean()
        self.trees_ = []
        prediction = np.full(len(y), self.baseline_)
        for _ in range(self.n_estimators):
            tree = HistogramTree(
                self.growth, self.num_leaves, self.max_depth, self.min_samples_leaf
            )
            tree.fit(codes, gradients=prediction - y)
            prediction += self.learning_rate * tree.predict(codes)
            self.trees_.append(tree)
        return self

    def predict(self, X):
        """The baseline and the sum of the trees, `(N,)`."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        codes = self.binner_.transform(X)
        steps = sum(tree.predict(codes) for tree in self.trees_)
        return self.baseline_ + self.learning_rate * steps
