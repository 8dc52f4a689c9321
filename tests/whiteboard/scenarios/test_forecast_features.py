import numpy as np
import pandas as pd
import pytest

from whiteboard.scenarios import (
    calendar_features,
    columns_that_look_ahead,
    lag_features,
    rolling_features,
)

SERIES = np.random.default_rng(0).normal(size=40)


@pytest.mark.parametrize("lags", [[1], [1, 2, 7], [3, 40, 41], []])
def test_lags_are_shifts_of_pandas(lags):
    expected = np.array([pd.Series(SERIES).shift(lag) for lag in lags])
    expected = expected.T.reshape(40, len(lags))
    np.testing.assert_array_equal(lag_features(SERIES, lags), expected)


@pytest.mark.parametrize("window", [2, 5, 40])
@pytest.mark.parametrize("horizon", [1, 3])
def test_rolling_agrees_with_pandas(window, horizon):
    rolling = pd.Series(SERIES).rolling(window)
    expected = np.array(
        [rolling.mean().shift(horizon), rolling.std(ddof=0).shift(horizon)]
    )
    mine = rolling_features(SERIES, window, horizon)
    np.testing.assert_allclose(mine, expected.T, atol=1e-12)


@pytest.mark.parametrize("window", [3, 5])
def test_centred_agrees_with_pandas(window):
    rolling = pd.Series(SERIES).rolling(window, center=True)
    expected = np.array([rolling.mean(), rolling.std(ddof=0)]).T
    mine = rolling_features(SERIES, window, centred=True)
    np.testing.assert_allclose(mine, expected, atol=1e-12)


def test_calendar_is_one_hot():
    rows = calendar_features(np.arange(10), period=7)
    assert rows.shape == (10, 7) and (rows.sum(axis=1) == 1).all()
    assert rows.argmax(axis=1).tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2]


class TestColumnsThatLookAhead:
    @pytest.mark.parametrize("horizon", [1, 3])
    def test_honest_features_pass(self, horizon):
        def make(y):
            lags = lag_features(y, [horizon, horizon + 4], horizon)
            return np.hstack([lags, rolling_features(y, 5, horizon)])

        assert columns_that_look_ahead(make, SERIES, horizon) == []

    @pytest.mark.parametrize(
        ("make", "guilty"),
        [
            (lambda y: np.stack([y, np.roll(y, 1)], axis=1), [0, 1]),  # rolls round
            (lambda y: rolling_features(y, 5, centred=True), [0, 1]),
            (lambda y: ((y - y.mean()) / y.std())[:, None], [0]),
            (lambda y: lag_features(np.cumsum(y), [1, 2]), []),
            (lambda y: np.stack([0 * y, 0 * y + y.max()], axis=1), [1]),
        ],
    )
    def test_names_the_guilty(self, make, guilty):
        assert columns_that_look_ahead(make, SERIES) == guilty

    def test_what_is_known_one_day_ahead_leaks_two_days_ahead(self):
        def make(y):
            return lag_features(y, [1, 2])

        assert columns_that_look_ahead(make, SERIES, horizon=2) == [0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lag_features(SERIES, [0]), "lags must be at least the horizon, 1"),
        (lambda: lag_features(SERIES, [1, 7], horizon=7), r"Received: lags=\[1, 7\]"),
        (lambda: lag_features([[1.0]], [1]), "one axis"),
        (lambda: lag_features([1, np.nan], [1]), "finite"),
        (lambda: rolling_features(SERIES, 1), "window must be at least 2"),
        (lambda: rolling_features(SERIES, 41), "at least 41 values"),
        (lambda: rolling_features(SERIES, 3, horizon=0), "horizon must be positive"),
        (lambda: calendar_features([0.5], 7), "day must be whole numbers"),
        (lambda: calendar_features([0], 0), "period must be positive"),
        (lambda: columns_that_look_ahead(np.asarray, [1.0]), "at least 2 values"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
