import lightgbm
import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks
from xgboost import XGBRegressor

from whiteboard.ensembles import HistogramBoostingRegressor


@parametrize_with_checks([HistogramBoostingRegressor(n_estimators=30)])
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_scikit_learns_also_on_new_rows(seed):
    x, y = make_friedman1(800, noise=1, random_state=seed)
    for chosen in ({}, {"max_depth": 3}, {"min_samples_leaf": 40}):
        ours = HistogramBoostingRegressor(n_estimators=20, **chosen)
        theirs = HistGradientBoostingRegressor(
            max_iter=20, early_stopping=False, **chosen
        )
        ours, theirs = (m.fit(x[:600], y[:600]).predict(x) for m in (ours, theirs))
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_with_a_bin_for_every_value_it_is_lightgbm_and_xgboost(seed):
    x, y = make_friedman1(500, noise=1, random_state=seed)
    rounds = {"n_estimators": 20, "learning_rate": 0.2}
    exact = {"max_bin": 1000, "n_jobs": 1, "reg_lambda": 0}
    ours = HistogramBoostingRegressor(**rounds, min_samples_leaf=1, max_bins=1000)
    theirs = lightgbm.LGBMRegressor(
        **rounds, **exact, min_child_samples=1, min_data_in_bin=1, verbose=-1
    )
    expected = ours.fit(x, y).predict(x)
    np.testing.assert_allclose(theirs.fit(x, y).predict(x), expected, atol=1e-4)
    grown = {"grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0}
    theirs = XGBRegressor(**rounds, **exact, **grown)
    np.testing.assert_allclose(theirs.fit(x, y).predict(x), expected, atol=1e-3)


def test_level_wise_and_every_round_lowers_the_training_error():
    x, y = make_friedman1(500, noise=1, random_state=0)
    errors = [
        np.mean(
            (
                HistogramBoostingRegressor(n, growth="level_wise").fit(x, y).predict(x)
                - y
            )
            ** 2
        )
        for n in (1, 2, 5, 20)
    ]
    assert errors == sorted(errors, reverse=True)


def test_a_constant_target():
    model = HistogramBoostingRegressor(n_estimators=3).fit(np.eye(50), np.full(50, 4.0))
    assert (model.predict(np.eye(50)) == 4).all()


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"n_estimators": 0}, "n_estimators must be"),
        ({"learning_rate": 0}, "learning_rate must be"),
        ({"learning_rate": -0.1}, "learning_rate must be"),
        ({"growth": "both"}, "growth must be one of"),
        ({"max_bins": 1}, "max_bins must be"),
        ({"num_leaves": 1}, "num_leaves must be"),
    ],
)
def test_bad_settings(chosen, message):
    with pytest.raises(ValueError, match=f"{message}.*Received"):
        HistogramBoostingRegressor(**chosen).fit([[0.0], [1.0]], [0.0, 1.0])
