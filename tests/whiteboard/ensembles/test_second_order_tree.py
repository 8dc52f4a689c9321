"""One tree against XGBoost's, against scikit-learn's, and bad input."""

import numpy as np
import pytest
import xgboost as xgb
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeRegressor

from whiteboard.ensembles import SecondOrderTree


def table(n=200, d=4, missing=0.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype("float32")
    X[rng.random(X.shape) < missing] = np.nan
    return X, rng.normal(size=n), rng.uniform(0.1, 1, size=n)


@pytest.mark.parametrize("missing", [0, 0.3])
@pytest.mark.parametrize("gamma", [0, 2, 8, 1000])
def test_custom_gradients_give_xgboost_s_tree(missing, gamma):
    X, g, h = table(missing=missing)
    options = {"max_depth": 4, "reg_lambda": 0.7, "reg_alpha": 0.3}
    options |= {"gamma": gamma, "min_child_weight": 2.5}
    booster = xgb.train(
        {**options, "tree_method": "exact", "eta": 1, "base_score": 0},
        xgb.DMatrix(X),
        1,
        obj=lambda margin, data: (g, h),
    )
    tree = SecondOrderTree(**options).fit(X, g, h)
    predicted = booster.predict(xgb.DMatrix(X), output_margin=True)
    np.testing.assert_allclose(tree.predict(X), predicted, atol=1e-6)
    (theirs,) = booster.get_dump()
    assert [line.split(":")[0] for line in tree.dump().splitlines()] == [
        line.split(":")[0] for line in theirs.splitlines()
    ]


def test_without_penalties_it_is_weighted_least_squares():
    X, g, h = table()
    tree = SecondOrderTree(3, reg_lambda=0, min_child_weight=0).fit(X, g, h)
    other = DecisionTreeRegressor(max_depth=3).fit(X, -g / h, sample_weight=h)
    np.testing.assert_allclose(tree.predict(X), other.predict(X), atol=1e-5)


def test_hessians_default_to_ones():
    X, g, _ = table()
    ones = SecondOrderTree(3).fit(X, g, np.ones(len(g)))
    assert SecondOrderTree(3).fit(X, g).dump() == ones.dump()


def xor():
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 25, float)
    bits = np.append(bits, [[0.0, 0.0]], axis=0)  # else no first split gains anything
    return bits, 0.5 - (bits[:, 0] != bits[:, 1])


def test_a_child_that_pays_saves_its_parent_only_backward():
    X, g = xor()
    tree = SecondOrderTree(2, reg_lambda=0, gamma=1).fit(X, g)
    assert tree.dump().count("leaf") == 4
    assert tree.nodes_[0].split.gain < 1
    eager = SecondOrderTree(2, reg_lambda=0, gamma=1, prune_backward=False).fit(X, g)
    assert eager.dump().count("leaf") == 1


def test_pruning_all_the_way_leaves_the_root():
    X, g, h = table()
    tree = SecondOrderTree(3, gamma=1e6).fit(X, g, h)
    root = -g.astype("float32").sum() / (h.astype("float32").sum() + 1)
    np.testing.assert_allclose(tree.predict(X), root, rtol=1e-4)


def test_depth_zero_one_row_and_constant_columns():
    assert SecondOrderTree(0).fit([[1.0], [2.0]], [1, -1]).predict([[3.0]]) == 0
    assert SecondOrderTree().fit([[1.0]], [2.0]).predict([[5.0]]) == -1
    assert len(SecondOrderTree().fit(np.ones((9, 2)), np.arange(9)).nodes_) == 1


def test_unseen_missing_values_go_left():
    X, g = np.array([[0.0], [1.0]]), np.array([1.0, -1.0])
    tree = SecondOrderTree(1, reg_lambda=0).fit(X, g)
    assert tree.predict([[np.nan]]) == -1


def test_all_missing_column_is_never_split():
    X, g, h = table()
    X[:, 0] = np.nan
    tree = SecondOrderTree(4).fit(X, g, h)
    assert all(node.feature != 0 for node in tree.nodes_)


def test_clones():
    tree = SecondOrderTree(3, gamma=2)
    assert clone(tree).get_params() == tree.get_params()


@pytest.mark.parametrize(
    "name", ["max_depth", "reg_lambda", "reg_alpha", "gamma", "min_child_weight"]
)
@pytest.mark.parametrize("value", [-1, np.nan])
def test_negative_parameters_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must not be negative. Received"):
        SecondOrderTree(**{name: value}).fit([[1.0]], [1.0])


@pytest.mark.parametrize("X", [[1.0, 2.0], np.zeros((0, 2)), np.zeros((2, 0))])
def test_wrong_tables_are_refused(X):
    with pytest.raises(ValueError, match="X must be a table"):
        SecondOrderTree().fit(X, [1.0, 1.0])


@pytest.mark.parametrize("g", [[1.0], [1.0, np.nan], [[1.0], [2.0]]])
def test_wrong_gradients_are_refused(g):
    with pytest.raises(ValueError, match="gradients must be one finite number a row"):
        SecondOrderTree().fit([[1.0], [2.0]], g)


def test_negative_hessians_are_refused():
    with pytest.raises(ValueError, match="hessians must not be negative"):
        SecondOrderTree().fit([[1.0], [2.0]], [1.0, 2.0], [1.0, -1.0])


def test_infinite_values_are_refused():
    with pytest.raises(ValueError, match="X must be finite or NaN"):
        SecondOrderTree().fit([[1.0], [np.inf]], [1.0, 2.0])


def test_predicting_needs_a_fit_and_its_number_of_features():
    with pytest.raises(NotFittedError):
        SecondOrderTree().predict([[1.0]])
    tree = SecondOrderTree().fit([[1.0], [2.0]], [1.0, 2.0])
    with pytest.raises(ValueError, match="1 features"):
        tree.predict([[1.0, 2.0]])
