"""Gradient boosting with second-order trees: XGBoost in two small estimators."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from whiteboard.ensembles.second_order_tree import SecondOrderTree


def squared_error_derivatives(y, margin):
    """Differentiate (margin - y)^2 / 2: the residual, and a Hessian of ones."""
    return margin - y, np.ones_like(margin)


def logistic_derivatives(y, margin):
    """Differentiate the log loss of y in {0, 1} by the log-odds: p - y and p (1 - p)."""
    probability = 1 / (1 + np.exp(-margin))
    return probability - y, np.maximum(probability * (1 - probability), 1e-16)


class SecondOrderBoosting(BaseEstimator):
    """What the regressor and the classifier share: everything but loss and base score.

    Round by round $F \\leftarrow F + \\eta \\, f_t$, where the tree $f_t$ minimises
    $\\sum_i g_i f(x_i) + \\frac{1}{2} h_i f(x_i)^2$ plus its penalties, and $g_i$, $h_i$
    are the loss's derivatives at the current F (Chen & Guestrin 2016, section 2.2).
    """

    def __init__(
        self,
        n_estimators=100,
        learning_rate=0.3,
        max_depth=6,
        reg_lambda=1.0,
        reg_alpha=0.0,
        gamma=0.0,
        min_child_weight=1.0,
    ):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.reg_lambda = reg_lambda
        self.reg_alpha = reg_alpha
        self.gamma = gamma
        self.min_child_weight = min_child_weight

    def boost(self, X, y, base_margin, derivatives):
        """Add `n_estimators` trees to a constant margin."""
        for name in ("n_estimators", "learning_rate"):
            if not getattr(self, name) > 0:
                value = getattr(self, name)
                raise ValueError(f"{name} must be positive. Received: {name}={value}")
        self.base_margin_, self.trees_ = np.float32(base_margin), []
        y, margin = y.astype("float32"), np.full(len(X), self.base_margin_)
        for _ in range(self.n_estimators):
            tree = SecondOrderTree(
                self.max_depth,
                self.reg_lambda,
                self.reg_alpha,
                self.gamma,
                self.min_child_weight,
            ).fit(X, *derivatives(y, margin))
            self.trees_.append(tree)
            margin += np.float32(self.learning_rate) * tree.predict(X)
        return self

    def margin(self, X):
        """Sum the trees, before any link function: `(N,)` float32."""
        check_is_fitted(self)
        X = self._table(X, reset=False)
        margin = np.full(len(X), self.base_margin_)
        for tree in self.trees_:
            margin += np.float32(self.learning_rate) * tree.predict(X)
        return margin

    def _table(self, X, y="no_validation", **options):
        options |= {"dtype": "float32", "ensure_all_finite": "allow-nan"}
        return validate_data(self, X, y, **options)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class SecondOrderBoostingRegressor(RegressorMixin, SecondOrderBoosting):
    """XGBoost's regressor for squared error, `tree_method="exact"`, in NumPy.

    Args:
        n_estimators: Number of trees.
        learning_rate: The factor eta on each tree.
        max_depth: Depth of each tree.
        reg_lambda: L2 penalty on the leaves' values.
        reg_alpha: L1 penalty on the leaves' values.
        gamma: The gain that a split must have to survive pruning.
        min_child_weight: The least sum of Hessians, here of rows, in a leaf.

    Attributes:
        base_margin_: The prediction before the first tree: the mean target.
        trees_: The `SecondOrderTree`s.

    Examples:
        >>> model = SecondOrderBoostingRegressor(1, 1.0, 1, reg_lambda=0.0)
        >>> model.fit([[1.0], [2.0]], [0.0, 4.0]).predict([[1.0], [2.0]])
        array([0., 4.], dtype=float32)
    """

    def fit(self, X, y):
        """Fit to `(N, D)` numbers, NaN where missing, and `(N,)` finite targets."""
        X, y = self._table(X, y, y_numeric=True)
        return self.boost(X, y, y.mean(), squared_error_derivatives)

    def predict(self, X):
        """Predict the target: `(N,)` float32."""
        return self.margin(X)


class SecondOrderBoostingClassifier(ClassifierMixin, SecondOrderBoosting):
    """XGBoost's binary classifier for log loss, `tree_method="exact"`, in NumPy.

    Args:
        n_estimators: Number of trees.
        learning_rate: The factor eta on each tree.
        max_depth: Depth of each tree.
        reg_lambda: L2 penalty on the leaves' values.
        reg_alpha: L1 penalty on the leaves' values.
        gamma: The gain that a split must have to survive pruning.
        min_child_weight: The least sum of Hessians p (1 - p) in a leaf.

    Attributes:
        base_margin_: The log-odds before the first tree: those of the base rate.
        trees_: The `SecondOrderTree`s.
        classes_: The two labels, sorted; the margin is the log-odds of the second.

    Examples:
        >>> model = SecondOrderBoostingClassifier(1, min_child_weight=0.0)
        >>> model.fit([[1.0], [2.0]], ["cat", "dog"]).predict([[1.0], [2.0]])
        array(['cat', 'dog'], dtype='<U3')
    """

    def fit(self, X, y):
        """Fit to `(N, D)` numbers, NaN where missing, and `(N,)` labels of two kinds."""
        X, y = self._table(X, y)
        check_classification_targets(y)
        self.classes_, y = np.unique(y, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                "Only binary classification is supported; y must have 2 classes. "
                f"Received: {len(self.classes_)} class(es), "
                f"target type {type_of_target(y)}"
            )
        rate = y.mean()
        return self.boost(X, y, np.log(rate / (1 - rate)), logistic_derivatives)

    def decision_function(self, X):
        """Compute the log-odds of the second class: `(N,)`."""
        return self.margin(X)

    def predict_proba(self, X):
        """Compute the two classes' probabilities: `(N, 2)`."""
        positive = 1 / (1 + np.exp(-self.margin(X).astype("float64")))
        return np.stack([1 - positive, positive], axis=1)

    def predict(self, X):
        """Predict the more probable label: `(N,)`."""
        second = self.decision_function(X) > 0
        return self.classes_[second.astype(int)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
