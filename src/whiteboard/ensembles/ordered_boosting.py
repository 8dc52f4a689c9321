"""Ordered boosting: each residual from a model that has not seen the row's target."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from whiteboard.ensembles.oblivious_tree import (
    ObliviousTreeRegressor,
    leaf_index,
    leaf_means,
)


def ordered_residuals(y, predictions, prefixes):
    """Take each residual from the longest prefix model that has not seen the row.

    $$r_i = y_i - M_{k(i)}(x_i), \\quad k(i) = \\max \\{k : n_k \\le i\\}$$

    with rows numbered from 0 in the random order, and model $M_k$ fitted to the first
    $n_k$ of them (Prokhorenkova et al. 2018, algorithm 1).

    Args:
        y: `(N,)` targets, in the random order.
        predictions: `(K, N)`, each prefix model's prediction of each row.
        prefixes: `(K,)`, rising, the number of rows each model was fitted to; the
            first is 0.

    Returns:
        `(N,)` residuals.

    Examples:
        >>> ordered_residuals(np.ones(3), np.array([[0, 0, 0], [1, 2, 3]]), [0, 2])
        array([ 1.,  1., -2.])
    """
    rows = np.arange(len(y))
    unseen = np.searchsorted(prefixes, rows, side="right") - 1
    return y - predictions[unseen, rows]


class OrderedBoostingRegressor(RegressorMixin, BaseEstimator):
    """Least-squares boosting whose tree structures come from honest residuals.

    Shuffles the rows once and keeps a model for each of the first 0, 1, 2, 4, ... rows
    and one for all. Every round fits the structure of one `ObliviousTreeRegressor` to
    the `ordered_residuals`; each model then fills the leaves with the means of its own
    residuals over its own rows. Predictions come from the model of all rows.
    Prokhorenkova et al. 2018, section 5 and algorithm 2, with one permutation and with
    least squares as the score of a structure.

    Args:
        n_estimators: Number of rounds.
        learning_rate: The factor on each tree.
        max_depth: Depth of each tree.
        ordered: If False, plain boosting: structures from the model's own residuals.
        random_state: Seed of the permutation.

    Attributes:
        base_: The constant that all models start from: the mean target.
        trees_: The trees of the model of all rows.
        residuals_: `(N,)`, what the last tree's structure was fitted to, in the order
            of the rows.

    Examples:
        >>> X = np.arange(8.0)[:, None]
        >>> model = OrderedBoostingRegressor(50, random_state=7).fit(X, X[:, 0] > 3)
        >>> model.predict([[0.0], [7.0]]).round(1)
        array([0., 1.])
    """

    def __init__(
        self,
        n_estimators=100,
        learning_rate=0.1,
        max_depth=3,
        ordered=True,
        random_state=None,
    ):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.ordered = ordered
        self.random_state = random_state

    def fit(self, X, y):
        """Boost on `(N, D)` finite numbers and `(N,)` targets."""
        for name in ("n_estimators", "learning_rate"):
            if not getattr(self, name) > 0:
                value = getattr(self, name)
                raise ValueError(f"{name} must be positive. Received: {name}={value}")
        X, y = validate_data(self, X, y, y_numeric=True, dtype="float64")
        order = check_random_state(self.random_state).permutation(len(y))
        X, y = X[order], y[order].astype("float64")
        self.base_, self.trees_ = y.mean(), []
        doubling = 2 ** np.arange(np.ceil(np.log2(len(y))), dtype=int)
        prefixes = np.array([0, *doubling, len(y)] if self.ordered else [0, len(y)])
        models = np.full((len(prefixes), len(y)), self.base_)
        for _ in range(self.n_estimators):
            residuals = y - models[-1]
            if self.ordered:
                residuals = ordered_residuals(y, models, prefixes)
            tree = ObliviousTreeRegressor(self.max_depth).fit(X, residuals)
            leaf = leaf_index(X, tree.features_, tree.thresholds_)
            for model, n in zip(models[1:], prefixes[1:], strict=True):
                own = leaf_means(leaf[:n], (y - model)[:n], len(tree.values_))
                model += self.learning_rate * own[leaf]
            tree.values_ = own  # the last model is the one of all rows
            self.trees_.append(tree)
        self.residuals_ = np.empty(len(y))
        self.residuals_[order] = residuals
        return self

    def predict(self, X):
        """Sum the trees of the model of all rows: `(N,)`."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype="float64")
        trees = sum(tree.predict(X) for tree in self.trees_)
        return self.base_ + self.learning_rate * trees
