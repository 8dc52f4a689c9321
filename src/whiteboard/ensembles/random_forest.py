"""Random forests: trees on bootstrap samples, each node choosing among few features."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from whiteboard.ensembles.regression_tree import RegressionTree

# Shapes: N rows, F features, K outputs (1 in regression, the classes else).


def bagged_tree(x, y, tree, rng):
    """Fit a tree to a bootstrap sample: N rows drawn from N with replacement.

    Breiman 1996, "Bagging Predictors"; the rows left out are Breiman 2001's
    out-of-bag rows, a share of about 1/e = 0.368.

    Args:
        x: The features, `(N, F)`.
        y: The outputs, `(N, K)`.
        tree: An unfitted `RegressionTree`.
        rng: A `numpy.random.RandomState`.

    Returns:
        `(tree, out_of_bag)`: the fitted tree and a mask of the rows it never saw,
        `(N,)`.

    Examples:
        >>> x, rng = np.arange(9.0)[:, None], np.random.RandomState(0)
        >>> tree, out_of_bag = bagged_tree(x, x, RegressionTree(), rng)
        >>> out_of_bag.shape
        (9,)
    """
    drawn = rng.randint(len(x), size=len(x))
    out_of_bag = np.ones(len(x), dtype=bool)
    out_of_bag[drawn] = False
    return tree.fit(x[drawn], y[drawn]), out_of_bag


class BaseRandomForest(BaseEstimator):
    """What the regressor and the classifier share: growing and averaging trees."""

    def __init__(
        self,
        n_estimators=100,
        max_depth=None,
        min_samples_leaf=1,
        max_features=None,
        bootstrap=True,
        random_state=None,
    ):
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.random_state = random_state

    def _grow(self, x, y):
        if not self.n_estimators >= 1:
            raise ValueError(
                "n_estimators must be at least 1. "
                f"Received: n_estimators={self.n_estimators}"
            )
        rng = check_random_state(self.random_state)
        self.estimators_ = []
        total, votes = np.zeros(y.shape), np.zeros((len(y), 1))
        for _ in range(self.n_estimators):
            tree = RegressionTree(
                max_depth=self.max_depth,
                min_samples_leaf=self.min_samples_leaf,
                max_features=self.max_features,
                random_state=rng.randint(2**31 - 1),
            )
            if self.bootstrap:
                tree, out_of_bag = bagged_tree(x, y, tree, rng)
                if out_of_bag.any():
                    total[out_of_bag] += tree.predict(x[out_of_bag])
                    votes[out_of_bag] += 1
            else:
                tree.fit(x, y)
            self.estimators_.append(tree)
        with np.errstate(invalid="ignore"):  # no vote, no prediction: NaN
            return total / votes

    def _average(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.mean([tree.predict(X) for tree in self.estimators_], axis=0)


class RandomForestRegressor(RegressorMixin, BaseRandomForest):
    """The mean of regression trees, each grown on a bootstrap sample of the rows.

    Breiman 2001, "Random Forests". With `bootstrap=False` and all features every
    tree is the same tree. With all features it is bagging.

    Args:
        n_estimators: The number of trees.
        max_depth: See `RegressionTree`.
        min_samples_leaf: See `RegressionTree`.
        max_features: See `RegressionTree`. All by default, as in scikit-learn; Breiman
            2001 draws few.
        bootstrap: Whether each tree sees a bootstrap sample or all rows.
        random_state: Seed of all draws.

    Attributes:
        estimators_: The trees.
        oob_prediction_: For each row the mean over the trees that never saw it, `(N,)`;
            NaN where there is none.
        oob_score_: The R2 of those predictions, an estimate of the test score.

    Raises:
        ValueError: If a setting is out of range or the data are not finite.

    Examples:
        >>> forest = RandomForestRegressor(n_estimators=5, random_state=0)
        >>> forest.fit([[0], [1], [2]], [5, 5, 5]).predict([[1]])
        array([5.])
    """

    def fit(self, X, y):
        """Grow the trees for features `(N, F)` and targets `(N,)`."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        out_of_bag = self._grow(X, np.asarray(y, np.float64)[:, None])[:, 0]
        if self.bootstrap:
            self.oob_prediction_ = out_of_bag
            seen = ~np.isnan(out_of_bag)
            enough = seen.sum() > 1
            self.oob_score_ = r2_score(y[seen], out_of_bag[seen]) if enough else np.nan
        return self

    def predict(self, X):
        """The mean over the trees, `(N,)`."""
        return self._average(X)[:, 0]


class RandomForestClassifier(ClassifierMixin, BaseRandomForest):
    """The mean class shares of trees, each grown on a bootstrap sample of the rows.

    The trees are regression trees on one-hot labels: their squared error is the Gini
    impurity and their leaf values are the class shares. Breiman 2001 lets the trees
    vote; averaging their shares, as scikit-learn does, is smoother.

    Args:
        n_estimators: The number of trees.
        max_depth: See `RegressionTree`.
        min_samples_leaf: See `RegressionTree`.
        max_features: See `RegressionTree`.
        bootstrap: Whether each tree sees a bootstrap sample or all rows.
        random_state: Seed of all draws.

    Attributes:
        classes_: The labels, sorted.
        estimators_: The trees.
        oob_prediction_: For each row the mean class shares over the trees that never
            saw it, `(N, K)`; NaN where there is none.
        oob_score_: The accuracy of those predictions, an estimate of the test score.

    Raises:
        ValueError: If a setting is out of range or the data are not finite.

    Examples:
        >>> forest = RandomForestClassifier(n_estimators=5, random_state=0)
        >>> forest.fit([[0], [1], [2]], ["a", "a", "a"]).predict([[1]])
        array(['a'], dtype='<U1')
    """

    def __init__(
        self,
        n_estimators=100,
        max_depth=None,
        min_samples_leaf=1,
        max_features="sqrt",
        bootstrap=True,
        random_state=None,
    ):
        super().__init__(
            n_estimators,
            max_depth,
            min_samples_leaf,
            max_features,
            bootstrap,
            random_state,
        )

    def fit(self, X, y):
        """Grow the trees for features `(N, F)` and labels `(N,)`."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, index = np.unique(y, return_inverse=True)
        out_of_bag = self._grow(X, np.eye(len(self.classes_))[index])
        if self.bootstrap:
            self.oob_prediction_ = out_of_bag
            seen = ~np.isnan(out_of_bag[:, 0])
            best = out_of_bag[seen].argmax(axis=1)
            self.oob_score_ = accuracy_score(index[seen], best) if len(best) else np.nan
        return self

    def predict_proba(self, X):
        """The mean class shares over the trees, `(N, K)`."""
        return self._average(X)

    def predict(self, X):
        """The label with the largest mean share, `(N,)`."""
        index = self._average(X).argmax(axis=1)
        return self.classes_[index]
