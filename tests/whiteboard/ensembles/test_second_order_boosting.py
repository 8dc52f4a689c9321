"""Both estimators against XGBoost with `tree_method="exact"`, tree by tree."""

import json

import numpy as np
import pytest
import xgboost as xgb
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.utils.estimator_checks import parametrize_with_checks

from whiteboard.ensembles import (
    SecondOrderBoostingClassifier,
    SecondOrderBoostingRegressor,
    logistic_derivatives,
    squared_error_derivatives,
)

PENALTIES = {
    "default": {},
    "L1": {"reg_alpha": 3.0},
    "L2": {"reg_lambda": 20.0},
    "small gamma": {"gamma": 2.0},
    "large gamma": {"gamma": 20_000.0},
    "heavy children": {"min_child_weight": 12.0},
    "no lambda": {"reg_lambda": 0.0, "gamma": 1e-3, "min_child_weight": 5.0},
    "all": {"reg_lambda": 4.0, "reg_alpha": 0.5, "gamma": 5.0, "min_child_weight": 0.5},
}


def their_nodes(node):
    """Node ids, features, directions; and thresholds, gains, covers, leaf values."""
    if "leaf" in node:
        return [(node["nodeid"], "leaf")], [(node["leaf"], 0, node["cover"])]
    missing_left = node["missing"] == node["yes"]
    words = [(node["nodeid"], node["split"], missing_left)]
    numbers = [(node["split_condition"], node["gain"], node["cover"])]
    for child in node["children"]:
        below = their_nodes(child)
        words, numbers = words + below[0], numbers + below[1]
    return words, numbers


def our_nodes(tree, learning_rate, i=0):
    node = tree.nodes_[i]
    if node.split is None:
        return [(i, "leaf")], [(node.weight * learning_rate, 0, node.cover)]
    words = [(i, f"f{node.feature}", node.split.missing_left)]
    numbers = [(node.split.threshold, node.split.gain, node.cover)]
    for child in (node.left, node.right):
        below = our_nodes(tree, learning_rate, child)
        words, numbers = words + below[0], numbers + below[1]
    return words, numbers


@pytest.mark.parametrize("missing", [0, 0.2])
@pytest.mark.parametrize("penalties", PENALTIES.values(), ids=PENALTIES)
@pytest.mark.parametrize("loss", ["squared error", "log loss"])
def test_grows_xgboost_s_trees(loss, penalties, missing):
    if loss == "squared error":
        X, y = load_diabetes(return_X_y=True)
        estimators = SecondOrderBoostingRegressor, xgb.XGBRegressor
    else:
        X, y = load_breast_cancer(return_X_y=True)
        estimators = SecondOrderBoostingClassifier, xgb.XGBClassifier
    X[np.random.default_rng(0).random(X.shape) < missing] = np.nan
    options = {"n_estimators": 10, "learning_rate": 0.3, "max_depth": 4, **penalties}
    ours = estimators[0](**options).fit(X, y)
    theirs = estimators[1](tree_method="exact", nthread=1, **options).fit(X, y)
    dumps = theirs.get_booster().get_dump(dump_format="json", with_stats=True)
    for tree, dump in zip(ours.trees_, dumps, strict=True):
        our_words, our_numbers = our_nodes(tree, np.float32(0.3))
        their_words, their_numbers = their_nodes(json.loads(dump))
        if (
            ours.reg_lambda == 0
        ):  # splits that XGBoost made of rounding error took numbers
            our_words, their_words = (
                [w[1:] for w in x] for x in (our_words, their_words)
            )
        assert our_words == their_words
        np.testing.assert_allclose(our_numbers, their_numbers, rtol=1e-4, atol=1e-4)
    if loss == "squared error":
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5)
    else:
        probabilities = ours.predict_proba(X), theirs.predict_proba(X)
        np.testing.assert_allclose(*probabilities, atol=1e-5)
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_xgboost_alone_splits_a_pure_node_on_rounding_error():
    """The one known difference: lambda 0, no gamma. Both children say the same."""
    X, y = load_breast_cancer(return_X_y=True)
    options = {"n_estimators": 1, "max_depth": 4}
    options |= {"reg_lambda": 0.0, "min_child_weight": 5.0}
    ours = SecondOrderBoostingClassifier(**options).fit(X, y)
    theirs = xgb.XGBClassifier(tree_method="exact", **options).fit(X, y)
    (dump,) = theirs.get_booster().get_dump()
    assert dump.count("leaf") == ours.trees_[0].dump().count("leaf") + 1
    probabilities = ours.predict_proba(X), theirs.predict_proba(X)
    np.testing.assert_allclose(*probabilities, atol=1e-6)


@pytest.mark.parametrize(
    "derivatives", [logistic_derivatives, squared_error_derivatives]
)
def test_derivatives_against_differences(derivatives):
    def loss(y, f):
        if derivatives is squared_error_derivatives:
            return (f - y) ** 2 / 2
        return np.log1p(np.exp(f)) - y * f

    y, f, step = np.array([0.0, 1, 1]), np.array([0.3, -1.2, 2.0]), 1e-4
    up, here, down = (loss(y, f + d) for d in (step, 0, -step))
    g, h = derivatives(y, f)
    np.testing.assert_allclose(g, (up - down) / (2 * step), atol=1e-7)
    np.testing.assert_allclose(h, (up - 2 * here + down) / step**2, atol=1e-6)


def test_a_certain_row_keeps_a_positive_hessian():
    _, h = logistic_derivatives(np.ones(2), np.array([50.0, -50.0], "float32"))
    assert (h > 0).all()


@parametrize_with_checks(
    [
        SecondOrderBoostingRegressor(10, max_depth=3),
        SecondOrderBoostingClassifier(10, max_depth=3),
    ]
)
def test_follows_scikit_learn(estimator, check):
    check(estimator)


def test_labels_of_any_kind():
    X = np.arange(20.0)[:, None]
    y = np.where(X[:, 0] > 9, "yes", "no")
    model = SecondOrderBoostingClassifier(5).fit(X, y)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.score(X, y) == 1


@pytest.mark.parametrize("y", [[0, 0, 0], [0, 1, 2]])
def test_one_or_three_classes_are_refused(y):
    with pytest.raises(ValueError, match="y must have 2 classes"):
        SecondOrderBoostingClassifier().fit(np.ones((3, 1)), y)


@pytest.mark.parametrize("name", ["n_estimators", "learning_rate"])
@pytest.mark.parametrize("value", [0, -1, np.nan])
def test_parameters_that_must_be_positive(name, value):
    with pytest.raises(ValueError, match=f"{name} must be positive. Received: {name}="):
        SecondOrderBoostingRegressor(**{name: value}).fit([[1.0], [2.0]], [1.0, 2.0])


def test_nan_is_a_value_infinity_is_not():
    X, y = np.array([[1.0], [np.nan], [3.0], [np.nan]]), [0.0, 5.0, 0.0, 5.0]
    model = SecondOrderBoostingRegressor(50).fit(X, y)
    np.testing.assert_allclose(model.predict(X), y, atol=0.1)
    with pytest.raises(ValueError, match="infinity"):
        model.predict([[np.inf]])
    with pytest.raises(ValueError, match="NaN"):
        SecondOrderBoostingRegressor().fit([[1.0], [2.0]], [1.0, np.nan])


def test_constant_target_and_one_row():
    assert SecondOrderBoostingRegressor(3).fit([[1.0]], [4.0]).predict([[9.0]]) == 4
    X = np.arange(6.0)[:, None]
    model = SecondOrderBoostingRegressor(3).fit(X, np.full(6, 2.5))
    np.testing.assert_array_equal(model.predict(X), 2.5)
