import numpy as np
import pytest

from whiteboard.scenarios import (
    drift_forecast,
    naive_forecast,
    seasonal_naive_forecast,
)

SERIES = np.random.default_rng(0).normal(size=30).cumsum()


def test_naive_is_the_forecast_of_a_random_walk_in_statsmodels():
    arima = pytest.importorskip("statsmodels.tsa.arima.model")
    walk = arima.ARIMA(SERIES, order=(0, 1, 0)).fit()
    np.testing.assert_allclose(naive_forecast(SERIES, 5), walk.forecast(5), rtol=1e-9)


def test_naive_is_exponential_smoothing_with_weight_one():
    holt_winters = pytest.importorskip("statsmodels.tsa.holtwinters")
    model = holt_winters.SimpleExpSmoothing(SERIES, "known", initial_level=0)
    expected = model.fit(smoothing_level=1, optimized=False).forecast(4)
    np.testing.assert_allclose(naive_forecast(SERIES, 4), expected)


def test_seasonal_naive_is_a_seasonal_random_walk_in_statsmodels():
    arima = pytest.importorskip("statsmodels.tsa.arima.model")
    walk = arima.ARIMA(SERIES, seasonal_order=(0, 1, 0, 4), order=(0, 0, 0)).fit()
    mine = seasonal_naive_forecast(SERIES, 11, period=4)
    np.testing.assert_allclose(mine, walk.forecast(11), rtol=1e-6)


@pytest.mark.parametrize("horizon", [1, 3, 4, 9])
def test_seasonal_naive_repeats_the_last_season(horizon):
    mine = seasonal_naive_forecast([9, 1, 2, 3], horizon, period=3)
    assert mine.tolist() == ([1, 2, 3] * 3)[:horizon]


def test_drift_continues_a_line_exactly():
    np.testing.assert_allclose(drift_forecast(np.arange(5) * 3 + 1, 3), [16, 19, 22])
    np.testing.assert_allclose(
        drift_forecast(SERIES, 2)[1] - SERIES[-1],
        2 * np.diff(SERIES).mean(),
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: naive_forecast([], 1), "at least 1 values. Received: 0"),
        (lambda: naive_forecast([1], 0), "horizon must be positive"),
        (lambda: naive_forecast([[1]], 1), "one axis"),
        (lambda: naive_forecast([np.nan], 1), "must be finite"),
        (lambda: seasonal_naive_forecast([1, 2], 1, period=3), "at least 3 values"),
        (lambda: seasonal_naive_forecast([1, 2], 1, period=0), "period must be pos"),
        (lambda: drift_forecast([1], 1), "at least 2 values. Received: 1"),
        (lambda: drift_forecast([1, 2], -1), "horizon must be positive"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
