import lightgbm
import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.exceptions import NotFittedError
from xgboost import XGBRegressor

from whiteboard.ensembles import (
    HistogramTree,
    QuantileBinner,
    gradient_histogram,
    split_gains,
)


def binned(rows, seed, max_bins=1000):
    x, y = make_friedman1(rows, noise=1, random_state=seed)
    return x, y, QuantileBinner(max_bins).fit_transform(x)


def lightgbm_tree(x, y, weight=None, **chosen):
    settings = {"max_bin": 1000, "min_data_in_bin": 1, "min_data_in_leaf": 1}
    settings |= {"learning_rate": 1, "objective": "regression", "verbose": -1}
    settings |= {"num_threads": 1, "boost_from_average": False, **chosen}
    data = lightgbm.Dataset(x, y, weight=weight, params=settings)
    return lightgbm.train(settings, data, num_boost_round=1).predict(x)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("num_leaves", [2, 8, 32])
@pytest.mark.parametrize("min_samples_leaf", [1, 20])
def test_leaf_wise_is_lightgbm(seed, num_leaves, min_samples_leaf):
    x, y, codes = binned(500, seed)
    limits = {"num_leaves": num_leaves, "min_data_in_leaf": min_samples_leaf}
    tree = HistogramTree("leaf_wise", num_leaves, min_samples_leaf=min_samples_leaf)
    ours = tree.fit(codes, gradients=-y).predict(codes)
    np.testing.assert_allclose(ours, lightgbm_tree(x, y, **limits), atol=1e-4)


def test_hessians_weight_the_rows_as_in_lightgbm():
    x, y, codes = binned(500, seed=0)
    weight = np.random.default_rng(0).uniform(0.5, 2, size=500)
    tree = HistogramTree(num_leaves=16, min_samples_leaf=1)
    ours = tree.fit(codes, -y * weight, weight).predict(codes)
    theirs = lightgbm_tree(x, y, weight, num_leaves=16)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_both_growths_are_xgboost(seed):
    x, y, codes = binned(500, seed)
    alike = {"n_estimators": 1, "learning_rate": 1, "reg_lambda": 0, "base_score": 0}
    alike |= {"max_bin": 1000, "n_jobs": 1, "tree_method": "hist"}
    for growth, max_depth, chosen in [
        ("level_wise", 4, {"max_depth": 4}),
        ("leaf_wise", None, {"max_depth": 0, "grow_policy": "lossguide"}),
        ("level_wise", None, {"max_depth": 0, "grow_policy": "depthwise"}),
    ]:
        tree = HistogramTree(growth, 16, max_depth, min_samples_leaf=1)
        ours = tree.fit(codes, gradients=-y).predict(codes)
        theirs = XGBRegressor(**alike, **chosen, max_leaves=16).fit(x, y).predict(x)
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_gain_is_the_drop_of_the_sum_of_squares():
    rng = np.random.default_rng(0)
    codes, y = rng.integers(6, size=(300, 2)), rng.normal(size=300)
    gains = split_gains(gradient_histogram(codes, y.mean() - y, np.ones(300), 6))
    for feature in range(2):
        for k in range(5):
            left = codes[:, feature] <= k
            drop = sum(-part.size * part.var() for part in (y[left], y[~left]))
            assert gains[feature, k] == pytest.approx(drop + y.size * y.var())


def test_a_split_keeps_enough_rows_and_hessian_on_both_sides():
    histogram = np.array([[[5.0, -1, -9], [3, 2, 1], [3, 2, 1]]])
    assert np.isfinite(split_gains(histogram)).all()
    assert np.isinf(split_gains(histogram, 2)).tolist() == [[False, True]]
    histogram[0, 1] = 0
    assert np.isinf(split_gains(histogram)).all()


def test_leaf_wise_splits_the_best_leaf_and_level_wise_the_oldest():
    _, y, codes = binned(800, seed=1)
    waiting = []
    tree = HistogramTree("leaf_wise", 32, min_samples_leaf=5).fit(codes, -y)
    for node in tree.splits_:
        waiting = [leaf for leaf in waiting if leaf is not node]
        assert all(node.gain >= leaf.gain for leaf in waiting)
        waiting += [node.left, node.right]
    tree = HistogramTree("level_wise", 32, min_samples_leaf=5).fit(codes, -y)
    depths = [node.depth for node in tree.splits_]
    assert depths == sorted(depths) and max(depths) == 4


def test_without_a_limit_the_order_does_not_matter():
    _, y, codes = binned(300, seed=2)
    first, second = (
        HistogramTree(growth, 300, min_samples_leaf=10).fit(codes, -y).predict(codes)
        for growth in ("leaf_wise", "level_wise")
    )
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_the_counts_of_work():
    _, y, codes = binned(500, seed=0, max_bins=32)
    tree = HistogramTree(num_leaves=8, min_samples_leaf=1).fit(codes, -y)
    smaller = [min(node.left.count, node.right.count) for node in tree.splits_]
    assert tree.rows_scanned_ == 500 + sum(smaller)
    assert tree.split_evaluations_ == 15 * 10 * 31  # nodes, features, edges
    assert len(tree.splits_) == 7 and len(tree.leaves_) == 8
    assert sum(leaf.count for leaf in tree.leaves_) == 500


def test_leaves_predict_the_mean_of_their_rows():
    _, y, codes = binned(400, seed=3)
    tree = HistogramTree(num_leaves=10).fit(codes, gradients=-y)
    leaf = tree.apply(codes)
    for number, node in enumerate(tree.leaves_):
        assert node.value == pytest.approx(y[leaf == number].mean())
        assert node.count == (leaf == number).sum() >= 20


def test_limits():
    _, y, codes = binned(400, seed=3)
    tree = HistogramTree(num_leaves=400, max_depth=3, min_samples_leaf=1)
    assert max(leaf.depth for leaf in tree.fit(codes, -y).leaves_) == 3
    for data in (
        codes[:39],
        codes * 0,
    ):  # two leaves of 20 need 40 rows; nothing to split
        tree = HistogramTree().fit(data, -y[: len(data)])
        assert tree.splits_ == [] and np.ptp(tree.predict(data)) == 0
    one = HistogramTree().fit([[3]], gradients=[2.0])
    assert one.predict([[0]]) == [-2.0]


def test_zero_gradients_are_not_split():
    codes = np.arange(100)[:, None]
    assert not HistogramTree(min_samples_leaf=1).fit(codes, np.zeros(100)).splits_


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"growth": "depthwise"}, "growth must be one of"),
        ({"num_leaves": 1}, "num_leaves must be a whole number of at least 2"),
        ({"num_leaves": 2.5}, "num_leaves must be a whole number of at least 2"),
        ({"max_depth": 0}, "max_depth must be a whole number of at least 1"),
        ({"min_samples_leaf": 0}, "min_samples_leaf must be a whole number"),
    ],
)
def test_bad_settings(chosen, message):
    with pytest.raises(ValueError, match=f"{message}.*Received"):
        HistogramTree(**chosen).fit([[0], [1]], gradients=[1.0, 2.0])


@pytest.mark.parametrize(
    ("codes", "gradients", "hessians", "message"),
    [
        ([[0.5], [1.0]], [1, 2], None, "codes must be bin numbers"),
        ([[-1], [1]], [1, 2], None, "codes must be bin numbers"),
        ([0, 1], [1, 2], None, "2D array"),
        (np.empty((0, 1), int), [], None, "0 sample"),
        ([[0], [1]], [1, 2, 3], [1, 1, 1], "inconsistent numbers"),
        ([[0], [1]], [1, np.nan], None, "NaN"),
        ([[0], [1]], [1, 2], [1, -1], "hessians must not be negative"),
    ],
)
def test_bad_data(codes, gradients, hessians, message):
    with pytest.raises(ValueError, match=message):
        HistogramTree().fit(codes, gradients, hessians)


def test_it_must_be_fitted_and_asked_for_as_many_features():
    with pytest.raises(NotFittedError):
        HistogramTree().predict([[0]])
    tree = HistogramTree().fit([[0, 1], [1, 0]], gradients=[1.0, 2.0])
    with pytest.raises(ValueError, match="codes must have 2 features.*Received: 1"):
        tree.predict([[0]])
