import itertools

import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.estimator_checks import check_estimator

from whiteboard.ensembles import RegressionTree, best_split


def friedman(rows=500, seed=0):
    x, y = make_friedman1(rows, noise=1, random_state=seed)
    return x.astype("float32"), y  # scikit-learn's trees compare in float32


def squared_error(y):
    return ((y - y.mean(axis=0)) ** 2).sum()


def slow_best_reduction(x, y, min_samples_leaf):
    """Every split, one at a time."""
    best = -np.inf
    for feature, cut in itertools.product(range(x.shape[1]), np.unique(x)):
        left = x[:, feature] <= cut
        if min(left.sum(), (~left).sum()) >= min_samples_leaf:
            parts = squared_error(y[left]) + squared_error(y[~left])
            best = max(best, squared_error(y) - parts)
    return best


class TestBestSplit:
    @pytest.mark.parametrize("outputs", [1, 3])
    @pytest.mark.parametrize("min_samples_leaf", [1, 4])
    @pytest.mark.parametrize("seed", range(5))
    def test_finds_what_trying_every_split_finds(self, seed, outputs, min_samples_leaf):
        rng = np.random.default_rng(seed)
        x = rng.integers(6, size=(20, 3)).astype(float)
        y = rng.normal(size=(20, outputs)) + x[:, :1]
        reduction, feature, threshold = best_split(x, y, min_samples_leaf)
        left = x[:, feature] <= threshold
        parts = squared_error(y[left]) + squared_error(y[~left])
        assert min(left.sum(), (~left).sum()) >= min_samples_leaf
        np.testing.assert_allclose(squared_error(y) - parts, reduction)
        np.testing.assert_allclose(
            slow_best_reduction(x, y, min_samples_leaf), reduction
        )

    @pytest.mark.parametrize("rows", [1, 2, 5])
    def test_none_where_no_split_is_allowed(self, rows):
        y = np.arange(float(rows))[:, None]
        assert best_split(np.ones((rows, 2)), y) is None
        assert best_split(y, y, min_samples_leaf=rows) is None

    def test_a_large_offset_of_y_changes_nothing(self):
        x, y = friedman(50)
        plain, shifted = best_split(x, y[:, None]), best_split(x, y[:, None] + 1e9)
        assert plain[1:] == shifted[1:]

    def test_a_threshold_separates_neighbouring_floats(self):
        above = np.nextafter(1.0, 2.0)
        x = np.array([[1.0], [above]])
        _, _, threshold = best_split(x, np.array([[0.0], [1.0]]))
        assert 1.0 <= threshold < above

    def test_values_near_the_largest_float_do_not_overflow(self):
        huge = np.finfo(float).max
        x = np.array([[huge / 2], [huge]])
        _, _, threshold = best_split(x, np.array([[0.0], [1.0]]))
        assert huge / 2 <= threshold < huge


class TestRegressionTree:
    def test_keeps_scikit_learns_conventions(self):
        check_estimator(RegressionTree())

    @pytest.mark.parametrize(
        "settings",
        [
            {"max_depth": 1},
            {"max_depth": 4},
            {"max_depth": 6, "min_samples_leaf": 5},
            {"min_samples_split": 30},
            {"min_samples_leaf": 10},
        ],
        ids=str,
    )
    def test_predicts_what_scikit_learn_predicts(self, settings):
        x, y = friedman()
        x_new, _ = friedman(seed=1)
        mine = RegressionTree(**settings).fit(x, y)
        theirs = DecisionTreeRegressor(random_state=0, **settings).fit(x, y)
        assert len(mine.feature_) == theirs.tree_.node_count
        np.testing.assert_allclose(mine.predict(x_new), theirs.predict(x_new))

    def test_without_limits_it_ends_in_pure_leaves(self):
        x, y = friedman()
        tree = RegressionTree().fit(x, y)
        np.testing.assert_allclose(tree.predict(x), y)
        assert len(np.unique(tree.apply(x))) == len(y)

    def test_one_hot_labels_make_it_a_gini_tree(self):
        x, y = friedman()
        labels = np.digitize(y, [11, 17])
        tree = RegressionTree(max_depth=4).fit(x, np.eye(3)[labels])
        gini = DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, labels)
        np.testing.assert_allclose(tree.predict(x), gini.predict_proba(x), atol=1e-12)

    def test_apply_names_the_leaf_whose_value_is_predicted(self):
        x, y = friedman()
        tree = RegressionTree(max_depth=3).fit(x, y)
        leaves = tree.apply(x)
        assert (tree.feature_[leaves] == -1).all() and tree.depth_.max() == 3
        for leaf in np.unique(leaves):
            np.testing.assert_allclose(tree.value_[leaf], y[leaves == leaf].mean())

    def test_reductions_add_up_to_the_error_that_was_removed(self):
        x, y = friedman()
        tree = RegressionTree(max_depth=5).fit(x, y)
        left_over = ((y - tree.predict(x)) ** 2).sum()
        np.testing.assert_allclose(tree.reduction_.sum(), squared_error(y) - left_over)

    def test_xor_needs_a_first_split_that_gains_nothing(self):
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        y = np.array([0.0, 1.0, 1.0, 0.0])
        np.testing.assert_array_equal(RegressionTree().fit(x, y).predict(x), y)

    def test_few_features_are_drawn_anew_at_each_node(self):
        x, y = friedman()
        root = [
            RegressionTree(max_depth=1, max_features=1, random_state=s).fit(x, y)
            for s in range(40)
        ]
        assert {tree.feature_[0] for tree in root} == set(range(10))
        same = [RegressionTree(max_features="sqrt", random_state=3) for _ in range(2)]
        np.testing.assert_array_equal(*(tree.fit(x, y).predict(x) for tree in same))

    def test_a_draw_of_constant_features_is_repeated(self):
        x = np.zeros((8, 20))
        x[:, 7] = np.arange(8)
        tree = RegressionTree(max_features=1, random_state=0).fit(x, x[:, 7])
        np.testing.assert_array_equal(tree.predict(x), x[:, 7])

    @pytest.mark.parametrize(
        ("max_features", "number"),
        [(None, 10), ("sqrt", 3), (0.5, 5), (1.0, 10), (0.01, 1), (4, 4), (99, 10)],
    )
    def test_max_features(self, max_features, number):
        tree = RegressionTree(max_features=max_features).fit(*friedman(20))
        assert tree._num_features() == number

    @pytest.mark.parametrize(
        "rows", [1, 5], ids=["one row", "a constant column and target"]
    )
    def test_nothing_to_split_gives_one_leaf(self, rows):
        tree = RegressionTree().fit(np.ones((rows, 2)), np.full(rows, 3.0))
        assert len(tree.feature_) == 1
        assert tree.predict([[9.0, 9.0]]) == [3.0]

    @pytest.mark.parametrize(
        "settings",
        [
            {"max_depth": -1},
            {"min_samples_split": 1},
            {"min_samples_leaf": 0},
            {"max_features": 0},
            {"max_features": 1.5},
            {"max_features": -0.5},
            {"max_features": "all"},
        ],
        ids=str,
    )
    def test_refuses_a_limit_out_of_range(self, settings):
        (name,) = settings
        with pytest.raises(ValueError, match=rf"{name} must be .*Received: {name}="):
            RegressionTree(**settings).fit(*friedman(20))

    @pytest.mark.parametrize(
        ("x", "y", "reason"),
        [
            ([[np.nan]], [1.0], "NaN"),
            ([[np.inf]], [1.0], "infinity"),
            ([[1.0]], [np.nan], "NaN"),
            (np.empty((0, 2)), [], "0 sample"),
            (np.empty((2, 0)), [1, 2], "0 feature"),
            ([1.0, 2.0], [1, 2], "Expected 2D"),
            ([[1.0], [2.0]], [1], "inconsistent"),
        ],
    )
    def test_refuses_bad_data(self, x, y, reason):
        with pytest.raises(ValueError, match=reason):
            RegressionTree().fit(x, y)

    def test_refuses_another_number_of_features(self):
        tree = RegressionTree().fit(*friedman(20))
        with pytest.raises(ValueError, match="expecting 10 features"):
            tree.predict(np.ones((1, 9)))
