"""Gradient boosting: each tree is fitted to the negative gradient of the loss."""

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from whiteboard.ensembles.boosting_loss import (
    AbsoluteErrorLoss,
    LogLoss,
    SquaredErrorLoss,
)
from whiteboard.ensembles.regression_tree import RegressionTree

# Shapes: N rows, F features.
LOSSES = {"squared_error": SquaredErrorLoss, "absolute_error": AbsoluteErrorLoss}
VALIDATION_FRACTION = 0.1
TOLERANCE = 1e-4


def boosting_round(x, y, prediction, loss, tree):
    r"""Fit a tree to the pseudo-residuals, then search the best value for each leaf.

    $$r_i = -\frac{\partial L(y_i, F(x_i))}{\partial F(x_i)}, \quad
    \gamma_j = \mathrm{argmin}_\gamma \sum_{x_i \in R_j} L(y_i, F(x_i) + \gamma)$$

    where $R_j$ are the leaves of a tree fitted to $r$ by least squares. Friedman 2001,
    "Greedy Function Approximation: A Gradient Boosting Machine", algorithm 1 and
    section 4.3.

    Args:
        x: The features, `(N, F)`.
        y: The targets, `(N,)`.
        prediction: F so far, `(N,)`.
        loss: A loss of `whiteboard.ensembles.boosting_loss`.
        tree: An unfitted `RegressionTree`.

    Returns:
        The fitted tree. The ensemble grows by `learning_rate * tree.predict(x)`.

    Examples:
        >>> x, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 0.0, 9.0])
        >>> tree = RegressionTree(max_depth=1)
        >>> boosting_round(x, y, np.full(3, 3.0), SquaredErrorLoss(), tree).predict(x)
        array([-3., -3.,  6.])
    """
    tree.fit(x, loss.negative_gradient(y, prediction))
    leaves = tree.apply(x)
    for leaf in np.unique(leaves):
        rows = leaves == leaf
        tree.value_[leaf] = loss.line_search(y[rows], prediction[rows])
    return tree


class BaseGradientBoosting(BaseEstimator):
    """What the regressor and the classifier share: the rounds."""

    def __init__(
        self,
        learning_rate=0.1,
        n_estimators=100,
        max_depth=3,
        subsample=1.0,
        n_iter_no_change=None,
        random_state=None,
    ):
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.subsample = subsample
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state

    def _boost(self, x, y, loss, stratify=None):
        """Add trees until `n_estimators`, or until the held-out loss stops falling."""
        self._require_settings()
        rng = check_random_state(self.random_state)
        held_out = []
        if self.n_iter_no_change is not None:
            x, x_valid, y, y_valid = train_test_split(
                *(x, y),
                test_size=VALIDATION_FRACTION,
                random_state=self.random_state,
                stratify=stratify,
            )
            held_out = np.full(len(x_valid), loss.baseline(y))
        self.baseline_ = loss.baseline(y)
        self.estimators_, self.train_score_, self.validation_score_ = [], [], []
        prediction = np.full(len(x), self.baseline_)
        for _ in range(self.n_estimators):
            rows = slice(None)
            if self.subsample < 1:
                size = max(1, int(self.subsample * len(x)))
                rows = rng.permutation(len(x))[:size]
            tree = RegressionTree(max_depth=self.max_depth)
            boosting_round(x[rows], y[rows], prediction[rows], loss, tree)
            prediction += self.learning_rate * tree.predict(x)
            self.estimators_.append(tree)
            self.train_score_.append(loss(y, prediction))
            if len(held_out):
                held_out += self.learning_rate * tree.predict(x_valid)
                self.validation_score_.append(loss(y_valid, held_out))
                if self._has_stalled():
                    break
        self.n_estimators_ = len(self.estimators_)
        return self

    def _has_stalled(self):
        *earlier, last = self.validation_score_
        window = earlier[-self.n_iter_no_change :]
        full = len(window) == self.n_iter_no_change
        return full and last + TOLERANCE >= max(window)

    def _staged_raw(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        prediction = np.full(len(X), self.baseline_)
        for tree in self.estimators_:
            prediction = prediction + self.learning_rate * tree.predict(X)
            yield prediction

    def _raw(self, X):
        *_, last = self._staged_raw(X)
        return last

    def _require_settings(self):
        for name, high in [("learning_rate", np.inf), ("subsample", 1)]:
            value = getattr(self, name)
            if not 0 < value <= high:
                raise ValueError(
                    f"{name} must be in (0, {high}]. Received: {name}={value}"
                )
        for name in ("n_estimators", "n_iter_no_change"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1. Received: {name}={value}")


class GradientBoostingRegressor(RegressorMixin, BaseGradientBoosting):
    r"""A sum of regression trees, $F_m(x) = F_{m-1}(x) + \nu \, h_m(x)$.

    Friedman 2001, algorithms 2 (squared error) and 3 (absolute error); `subsample` is
    Friedman 2002, "Stochastic Gradient Boosting".

    Args:
        loss: `"squared_error"` or `"absolute_error"`.
        learning_rate: The shrinkage, nu.
        n_estimators: The number of rounds, one tree each.
        max_depth: The depth of each tree.
        subsample: The share of rows that each tree sees, drawn without replacement.
        n_iter_no_change: Stop when the loss on a held-out tenth of the rows has not
            fallen in that many rounds. `None` holds nothing out.
        random_state: Seed of both draws.

    Attributes:
        baseline_: The best constant, where the sum starts.
        estimators_: The trees, their leaf values as `boosting_round` left them.
        train_score_: The mean loss on the training rows after each round.
        validation_score_: The same on the held-out rows.
        n_estimators_: How many rounds were run.

    Raises:
        ValueError: If a setting is out of range or the data are not finite.

    Examples:
        >>> model = GradientBoostingRegressor(n_estimators=1, learning_rate=1.0)
        >>> model.fit([[0], [1], [2]], [0, 0, 9]).predict([[0], [2]])
        array([0., 9.])
    """

    def __init__(
        self,
        loss="squared_error",
        learning_rate=0.1,
        n_estimators=100,
        max_depth=3,
        subsample=1.0,
        n_iter_no_change=None,
        random_state=None,
    ):
        super().__init__(
            learning_rate,
            n_estimators,
            max_depth,
            subsample,
            n_iter_no_change,
            random_state,
        )
        self.loss = loss

    def fit(self, X, y):
        """Boost on features `(N, F)` and targets `(N,)`."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        if self.loss not in LOSSES:
            raise ValueError(
                f"loss must be one of {sorted(LOSSES)}. Received: loss={self.loss!r}"
            )
        return self._boost(X, np.asarray(y, np.float64), LOSSES[self.loss]())

    def predict(self, X):
        """F after the last round, `(N,)`."""
        return self._raw(X)

    def staged_predict(self, X):
        """F after each round, an iterator of `(N,)`."""
        yield from self._staged_raw(X)


class GradientBoostingClassifier(ClassifierMixin, BaseGradientBoosting):
    r"""A sum of regression trees whose value is the log-odds of the second class.

    $$P(y = 1 | x) = \frac{1}{1 + e^{-F(x)}}$$

    Friedman 2001, algorithm 5. Two classes only.

    Args:
        learning_rate: The shrinkage, nu.
        n_estimators: The number of rounds, one tree each.
        max_depth: The depth of each tree.
        subsample: The share of rows that each tree sees, drawn without replacement.
        n_iter_no_change: See `GradientBoostingRegressor`. Draws within each class.
        random_state: Seed of both draws.

    Attributes:
        classes_: The two labels, sorted. For the others, see `GradientBoostingRegressor`.

    Raises:
        ValueError: If a setting is out of range, the data are not finite, or y has
            not exactly two classes.

    Examples:
        >>> model = GradientBoostingClassifier(n_estimators=5).fit([[0], [1]], ["a", "b"])
        >>> model.predict([[0.2]])
        array(['a'], dtype='<U1')
    """

    def fit(self, X, y):
        """Boost on features `(N, F)` and labels `(N,)`."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(
                "Only binary classification is supported. "
                f"The type of the target is {kind}."
            )
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y must have two classes. Received: 1 class, {self.classes_.tolist()}"
            )
        return self._boost(X, index.astype(np.float64), LogLoss(), stratify=index)

    def decision_function(self, X):
        """The log-odds of the second class after the last round, `(N,)`."""
        return self._raw(X)

    def predict_proba(self, X):
        """The probability of each class, `(N, 2)`."""
        return _probabilities(self._raw(X))

    def predict(self, X):
        """The more probable label, `(N,)`."""
        index = (self._raw(X) > 0).astype(int)
        return self.classes_[index]

    def staged_predict_proba(self, X):
        """The probability of each class after each round, an iterator of `(N, 2)`."""
        for prediction in self._staged_raw(X):
            yield _probabilities(prediction)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _probabilities(log_odds):
    probability = expit(log_odds)  # (N,)
    return np.stack([1 - probability, probability], axis=1)  # (N, 2)
