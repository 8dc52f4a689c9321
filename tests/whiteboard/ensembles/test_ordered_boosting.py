"""Who has seen whom: the residuals are honest, the final model is plain boosting."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.utils.estimator_checks import parametrize_with_checks

from whiteboard.ensembles import (
    ObliviousTreeRegressor,
    OrderedBoostingRegressor,
    ordered_residuals,
)


def test_each_residual_comes_from_the_longest_model_that_has_not_seen_the_row():
    prefixes, n = np.array([0, 1, 2, 4, 8, 9]), 9
    predictions = np.repeat(np.arange(6)[:, None], n, axis=1)  # model k says k
    models = -ordered_residuals(np.zeros(n), predictions, prefixes)
    assert models.tolist() == [0, 1, 2, 2, 3, 3, 3, 3, 4]
    assert all(prefixes[int(k)] <= row for row, k in enumerate(models))


def test_plain_mode_is_ordinary_boosting():
    X, y = load_diabetes(return_X_y=True)
    model = OrderedBoostingRegressor(10, 0.3, 3, ordered=False).fit(X, y)
    expected = np.full(len(y), y.mean())
    for _ in range(10):
        tree = ObliviousTreeRegressor(3).fit(X, y - expected)
        expected += 0.3 * tree.predict(X)
    np.testing.assert_allclose(model.predict(X), expected)


def test_leaf_values_are_plain_in_ordered_mode_too():
    X, y = load_diabetes(return_X_y=True)
    model = OrderedBoostingRegressor(5, 0.3, 2, random_state=0).fit(X, y)
    current = np.full(len(y), y.mean())
    for tree in model.trees_:
        step = tree.predict(X)
        for value in np.unique(step):
            assert value == pytest.approx((y - current)[step == value].mean())
        current += 0.3 * step
    np.testing.assert_allclose(model.predict(X), current)


def test_first_round_residuals_are_the_centred_targets():
    X, y = load_diabetes(return_X_y=True)
    model = OrderedBoostingRegressor(1, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.residuals_, y - y.mean())


def test_ordered_residuals_do_not_shrink_on_noise():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(150, 4)), rng.normal(size=150)
    spread = [
        OrderedBoostingRegressor(50, 0.1, 3, mode, random_state=0)
        .fit(X, y)
        .residuals_.std()
        for mode in (False, True)
    ]
    assert spread[0] < 0.8 * y.std() and spread[1] > 0.85 * y.std()


def test_the_seed_fixes_the_order():
    X, y = load_diabetes(return_X_y=True)
    one, same, other = (
        OrderedBoostingRegressor(10, random_state=seed).fit(X, y).predict(X)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_learns():
    X = np.random.default_rng(0).normal(size=(400, 2))
    y = np.sin(2 * X[:, 0]) + X[:, 1]
    assert OrderedBoostingRegressor(random_state=0).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_rows(n):
    X = np.arange(float(n))[:, None]
    assert np.isfinite(OrderedBoostingRegressor(3).fit(X, X[:, 0]).predict(X)).all()


@parametrize_with_checks([OrderedBoostingRegressor(10, 0.3)])
def test_follows_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", ["n_estimators", "learning_rate"])
@pytest.mark.parametrize("value", [0, -1, np.nan])
def test_parameters_that_must_be_positive(name, value):
    with pytest.raises(ValueError, match=f"{name} must be positive. Received: {name}="):
        OrderedBoostingRegressor(**{name: value}).fit([[1.0], [2.0]], [1.0, 2.0])


def test_missing_values_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        OrderedBoostingRegressor().fit([[np.nan], [1.0]], [1.0, 2.0])
