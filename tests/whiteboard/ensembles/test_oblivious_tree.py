"""The tree against trying every question, and its leaves against means."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from whiteboard.ensembles import ObliviousTreeRegressor, leaf_index, leaf_means


def test_depth_one_is_an_ordinary_stump():
    X, y = load_diabetes(return_X_y=True)
    ours = ObliviousTreeRegressor(1, max_thresholds=1000).fit(X, y)
    theirs = DecisionTreeRegressor(max_depth=1).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X))


def test_each_level_is_the_best_question_for_all_leaves_together():
    rng = np.random.default_rng(0)
    X, y = rng.integers(6, size=(80, 3)).astype(float), rng.normal(size=80)
    tree = ObliviousTreeRegressor(3).fit(X, y)
    leaf = np.zeros(80, int)
    for level in range(3):
        errors = {}
        for feature in range(3):
            for threshold in np.arange(5) + 0.5:
                finer = 2 * leaf + (X[:, feature] > threshold)
                means = leaf_means(finer, y, 16)
                errors[feature, threshold] = np.sum((y - means[finer]) ** 2)
        chosen = tree.features_[level], tree.thresholds_[level]
        assert errors[chosen] == pytest.approx(min(errors.values()))
        leaf = 2 * leaf + (X[:, chosen[0]] > chosen[1])


def test_values_are_means_and_an_empty_leaf_says_what_its_parent_said():
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 0]])
    y = np.array([0.0, 4.0, 10.0, 12.0])
    tree = ObliviousTreeRegressor(2).fit(X, y)
    assert tree.features_.tolist() == [0, 1]
    assert tree.values_.tolist() == [0, 11, 4, 11]
    assert tree.predict([[1.0, 1.0]]) == 11


def test_leaf_index_reads_bits():
    X = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    assert leaf_index(X, [0, 1], [0.5, 0.5]).tolist() == [0, 1, 2, 3]
    assert leaf_index(X, np.empty(0, int), np.empty(0)).tolist() == [0] * 4


def test_growth_stops_when_nothing_is_left_to_gain():
    X = np.arange(8.0)[:, None]
    assert len(ObliviousTreeRegressor(6).fit(X, X[:, 0] > 3).features_) == 1
    assert len(ObliviousTreeRegressor(6).fit(X, np.ones(8)).features_) == 0
    assert len(ObliviousTreeRegressor(0).fit(X, X[:, 0]).features_) == 0


def test_thresholds_are_thinned_to_quantiles():
    X = np.random.default_rng(0).normal(size=(1000, 1))
    y = X[:, 0] > 0
    assert ObliviousTreeRegressor(1, 1).fit(X, y).score(X, y) > 0.8
    assert ObliviousTreeRegressor(1, 999).fit(X, y).score(X, y) == 1


@parametrize_with_checks([ObliviousTreeRegressor()])
def test_follows_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("options", [{"max_depth": -1}, {"max_thresholds": 0}])
def test_bad_parameters_are_refused(options):
    with pytest.raises(ValueError, match="must be at least"):
        ObliviousTreeRegressor(**options).fit([[1.0], [2.0]], [1.0, 2.0])


@pytest.mark.parametrize("X", [[[np.nan], [1.0]], [[np.inf], [1.0]], [1.0, 2.0]])
def test_bad_tables_are_refused(X):
    with pytest.raises(ValueError, match="NaN|infinity|1D array"):
        ObliviousTreeRegressor().fit(X, [1.0, 2.0])
