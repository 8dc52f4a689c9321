import numpy as np
import pytest
import sklearn.ensemble
import sklearn.inspection
from sklearn.datasets import make_friedman1
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeRegressor

from whiteboard.ensembles import (
    GradientBoostingRegressor,
    RandomForestRegressor,
    RegressionTree,
    impurity_importance,
    permutation_importance,
)


def friedman(rows=300, seed=0):
    x, y = make_friedman1(rows, noise=1, random_state=seed)
    return x.astype("float32"), y


class TestImpurityImportance:
    @pytest.mark.parametrize("settings", [{"max_depth": 3}, {"min_samples_leaf": 10}])
    def test_of_a_tree_is_scikit_learns(self, settings):
        x, y = friedman()
        theirs = DecisionTreeRegressor(random_state=0, **settings).fit(x, y)
        mine = impurity_importance(RegressionTree(**settings).fit(x, y))
        np.testing.assert_allclose(mine, theirs.feature_importances_)

    def test_of_a_forest_is_scikit_learns_where_nothing_is_drawn(self):
        x, y = friedman()
        settings = {"n_estimators": 3, "bootstrap": False, "max_depth": 3}
        theirs = sklearn.ensemble.RandomForestRegressor(random_state=0, **settings)
        mine = impurity_importance(RandomForestRegressor(**settings).fit(x, y))
        np.testing.assert_allclose(mine, theirs.fit(x, y).feature_importances_)

    def test_of_a_forest_is_near_scikit_learns(self):
        x, y = friedman()
        mine = RandomForestRegressor(n_estimators=30, random_state=0).fit(x, y)
        theirs = sklearn.ensemble.RandomForestRegressor(30, random_state=0).fit(x, y)
        np.testing.assert_allclose(
            impurity_importance(mine), theirs.feature_importances_, atol=0.05
        )

    def test_without_a_split_nothing_is_important(self):
        tree = RegressionTree().fit(np.eye(3), [1, 1, 1])
        np.testing.assert_array_equal(impurity_importance(tree), np.zeros(3))

    def test_refuses_a_model_that_is_not_fitted(self):
        with pytest.raises(NotFittedError):
            impurity_importance(RegressionTree())


class TestPermutationImportance:
    def test_is_scikit_learns_within_its_noise(self):
        x, y = friedman()
        x_test, y_test = friedman(200, seed=1)
        model = GradientBoostingRegressor(n_estimators=20).fit(x, y)
        mine = permutation_importance(model, x_test, y_test, 60, random_state=0)
        theirs = sklearn.inspection.permutation_importance(
            model, x_test, y_test, n_repeats=60, random_state=0
        )
        assert mine.shape == theirs.importances.shape == (10, 60)
        error = np.hypot(mine.std(axis=1), theirs.importances_std) / 60**0.5
        gap = np.abs(mine.mean(axis=1) - theirs.importances_mean)
        assert (gap <= 4 * error + 1e-12).all()
        np.testing.assert_allclose(
            mine.std(axis=1), theirs.importances_std, rtol=0.5, atol=1e-9
        )

    def test_an_unused_feature_costs_nothing(self):
        x, y = friedman()
        tree = RegressionTree(max_depth=1).fit(x, y)
        falls = permutation_importance(tree, x, y, random_state=0)
        unused = np.arange(10) != tree.feature_[0]
        assert (falls[unused] == 0).all() and (falls[~unused] > 0).all()

    def test_leaves_the_table_as_it_was(self):
        x, y = friedman(50)
        x, before = x.astype(float), x.astype(float)
        permutation_importance(RegressionTree().fit(x, y), x, y, random_state=0)
        np.testing.assert_array_equal(x, before)

    def test_the_seed_repeats_the_shuffles(self):
        x, y = friedman(50)
        tree = RegressionTree().fit(x, y)
        falls = [permutation_importance(tree, x, y, 2, seed) for seed in (1, 1, 2)]
        assert np.array_equal(falls[0], falls[1])
        assert not np.array_equal(falls[0], falls[2])

    def test_refuses_bad_input(self):
        x, y = friedman(50)
        tree = RegressionTree().fit(x, y)
        with pytest.raises(ValueError, match="n_repeats must be .*n_repeats=0"):
            permutation_importance(tree, x, y, n_repeats=0)
        with pytest.raises(ValueError, match="NaN"):
            permutation_importance(tree, np.full((2, 10), np.nan), [0, 1])
        with pytest.raises(ValueError, match="expecting 10 features"):
            permutation_importance(tree, x[:, :9], y)
