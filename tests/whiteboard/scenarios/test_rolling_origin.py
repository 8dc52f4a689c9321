import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from whiteboard.scenarios import (
    backtest,
    mean_absolute_scaled_error,
    naive_forecast,
    rolling_mase,
    rolling_origins,
)


@pytest.mark.parametrize(
    ("length", "splits", "horizon"), [(20, 3, 4), (21, 5, 1), (9, 2, 3)]
)
def test_agrees_with_scikit_learn(length, splits, horizon):
    mine = list(rolling_origins(length, length - splits * horizon, horizon))
    theirs = list(TimeSeriesSplit(splits, test_size=horizon).split(range(length)))
    assert len(mine) == len(theirs) == splits
    for (past, future), (train, test) in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(past, train)
        np.testing.assert_array_equal(future, test)


def test_step_moves_the_origin():
    origins = [len(past) for past, _ in rolling_origins(10, 4, horizon=3, step=1)]
    assert origins == [4, 5, 6, 7]


def test_one_origin_that_just_fits():
    ((past, future),) = rolling_origins(5, 3, horizon=2)
    assert past.tolist() == [0, 1, 2] and future.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "first must be positive. Received: first=0"),
        ({"horizon": 0}, "horizon must be positive. Received: horizon=0"),
        ({"step": 0}, "step must be positive. Received: step=0"),
        ({"first": 9, "horizon": 2}, "first=9, horizon=2, length=10"),
    ],
)
def test_bad_numbers_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        list(rolling_origins(**{"length": 10, "first": 5, **arguments}))


def test_backtest_shows_only_the_past():
    seen = []

    def forecast(past, horizon):
        seen.append(past.copy())
        return naive_forecast(past, horizon)

    series = np.arange(10.0)
    actual, forecasts = backtest(series, forecast, first=6, horizon=2)
    assert [past.tolist() for past in seen] == [list(range(6)), list(range(8))]
    np.testing.assert_array_equal(actual, [[6, 7], [8, 9]])
    np.testing.assert_array_equal(forecasts, [[5, 5], [7, 7]])


def test_a_forecast_cannot_change_the_series():
    series = np.arange(6.0)

    def spoil(past, horizon):
        past[:] = 0
        return np.zeros(horizon)

    actual, _ = backtest(series, spoil, first=3)
    np.testing.assert_array_equal(actual, [[3], [4], [5]])


def test_backtest_refuses_a_wrong_shape_and_nan():
    with pytest.raises(ValueError, match=r"must return shape \(2,\). Received: \(\)"):
        backtest(np.arange(9), lambda past, horizon: 1.0, first=5, horizon=2)
    with pytest.raises(ValueError, match="must be finite"):
        backtest([1, 2, np.nan, 3], naive_forecast, first=2)


def test_rolling_mase_is_scaled_by_the_first_past():
    series = np.random.default_rng(0).normal(size=30).cumsum()
    pair = backtest(series, naive_forecast, first=18, horizon=4)
    expected = mean_absolute_scaled_error(*pair, series[:18], period=3)
    assert rolling_mase(series, naive_forecast, 18, 4, period=3) == expected
    with pytest.raises(ValueError, match="past must have at least 6 values"):
        rolling_mase(series, naive_forecast, 5, 4, period=5)
