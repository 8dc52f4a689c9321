import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from whiteboard.scenarios import (
    direct_forecast,
    forecast_differences,
    naive_forecast,
    recursive_forecast,
    seasonal_naive_forecast,
)

RNG = np.random.default_rng(0)
SERIES = RNG.normal(size=80).cumsum()
STRATEGIES = pytest.mark.parametrize("forecast", [recursive_forecast, direct_forecast])


def test_recursive_is_statsmodels_autoregression():
    models = pytest.importorskip("statsmodels.tsa.ar_model")
    expected = models.AutoReg(SERIES, lags=3).fit().forecast(6)
    mine = recursive_forecast(LinearRegression(), SERIES, 3, 6)
    np.testing.assert_allclose(mine, expected, atol=1e-8)


def test_direct_is_a_regression_on_each_step():
    mine = direct_forecast(LinearRegression(), SERIES, 2, 3)
    for h in range(3):
        rows = np.stack([np.ones(76), SERIES[1:77], SERIES[:76]], axis=1)
        weights = np.linalg.lstsq(rows, SERIES[2 + h :][:76], rcond=None)[0]
        np.testing.assert_allclose(mine[h], weights @ [1, SERIES[-1], SERIES[-2]])


def test_they_agree_one_step_ahead():
    first = [f(LinearRegression(), SERIES, 4, 1) for f in STRATEGIES.args[1]]
    np.testing.assert_allclose(*first)


@STRATEGIES
def test_a_line_goes_on(forecast):
    mine = forecast(LinearRegression(), np.arange(20), 3, 4)
    np.testing.assert_allclose(mine, [20, 21, 22, 23])


@STRATEGIES
def test_a_tree_stays_in_the_range_of_its_targets(forecast):
    mine = forecast(DecisionTreeRegressor(random_state=0), np.arange(40), 3, 10)
    assert mine.max() <= 39


@STRATEGIES
def test_the_given_estimator_is_not_fitted(forecast):
    estimator = LinearRegression()
    forecast(estimator, SERIES, 3, 2)
    assert not hasattr(estimator, "coef_")


@STRATEGIES
def test_bad_input_is_refused(forecast):
    for arguments, message in [
        ((SERIES[:3], 3, 1), "at least 4 values"),
        ((SERIES, 0, 1), "context must be positive"),
        ((SERIES, 3, 0), "horizon must be positive"),
        ((np.full(9, np.nan), 3, 1), "finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            forecast(LinearRegression(), *arguments)


class TestForecastDifferences:
    def test_naive_changes_extend_the_last_slope(self):
        mine = forecast_differences(naive_forecast)(np.array([1, 2, 4]), 3)
        assert mine.tolist() == [6, 8, 10]

    def test_no_change_over_a_season_is_the_seasonal_naive_forecast(self):
        still = forecast_differences(lambda series, horizon: np.zeros(horizon), lag=7)
        expected = seasonal_naive_forecast(SERIES, 17, period=7)
        np.testing.assert_allclose(still(SERIES, 17), expected)

    def test_a_tree_follows_a_line(self):
        def forecast(series, horizon):
            return recursive_forecast(DecisionTreeRegressor(), series, 2, horizon)

        mine = forecast_differences(forecast)(np.arange(30), 5)
        np.testing.assert_allclose(mine, np.arange(30, 35))

    def test_is_integrated_arima_of_statsmodels(self):
        models = pytest.importorskip("statsmodels.tsa.ar_model")

        def forecast(series, horizon):
            return models.AutoReg(series, lags=2).fit().forecast(horizon)

        expected = forecast(np.diff(SERIES), 4).cumsum() + SERIES[-1]
        mine = forecast_differences(forecast)(SERIES, 4)
        np.testing.assert_allclose(mine, expected)

    def test_bad_input_is_refused(self):
        with pytest.raises(ValueError, match="lag must be positive"):
            forecast_differences(naive_forecast, lag=0)
        with pytest.raises(ValueError, match="at least 8 values"):
            forecast_differences(naive_forecast, lag=7)(SERIES[:7], 2)
