import numpy as np
import pytest

from whiteboard.scenarios import holt_winters_forecast

STEP = np.arange(48)
SERIES = STEP + 5 * np.sin(STEP) + np.random.default_rng(0).normal(size=48)


LEVEL = SERIES[:6].mean()
START = {
    "initialization_method": "known",
    "initial_level": LEVEL,
    "initial_trend": (SERIES[6:12].mean() - LEVEL) / 6,
    "initial_seasonal": SERIES[:6] - LEVEL,
}
WEIGHTS = pytest.mark.parametrize(
    "weights", [(0.3, 0.1, 0.2), (0.9, 0, 0), (0.5, 1, 0.4)]
)


@WEIGHTS
def test_agrees_with_the_state_space_model_of_statsmodels(weights):
    models = pytest.importorskip("statsmodels.tsa.exponential_smoothing.ets")
    theirs = models.ETSModel(SERIES, "add", "add", False, "add", 6, **START)
    alpha, beta, gamma = (
        weights  # there the weights of the error: b += alpha * beta * e
    )
    start = [LEVEL, START["initial_trend"], *(SERIES[5::-1] - LEVEL)]
    fitted = theirs.smooth([alpha, alpha * beta, gamma, *start])
    mine = holt_winters_forecast(SERIES, 15, 6, *weights)
    np.testing.assert_allclose(mine, fitted.forecast(15), rtol=1e-9)


@WEIGHTS
def test_agrees_with_holt_winters_of_statsmodels(weights):
    """But for h = m, 2m: statsmodels 0.15 takes a seasonal term that is a season old."""
    models = pytest.importorskip("statsmodels.tsa.holtwinters")
    seasons = {"seasonal": "add", "seasonal_periods": 6}
    theirs = models.ExponentialSmoothing(SERIES, trend="add", **seasons, **START)
    names = "smoothing_level", "smoothing_trend", "smoothing_seasonal"
    fitted = theirs.fit(**dict(zip(names, weights, strict=True)), optimized=False)
    mine = holt_winters_forecast(SERIES, 15, 6, *weights)
    others = np.arange(1, 16) % 6 > 0
    np.testing.assert_allclose(mine[others], fitted.forecast(15)[others], rtol=1e-9)


def test_without_smoothing_it_is_the_start_carried_on():
    mine = holt_winters_forecast(SERIES, 6, 6, alpha=0, beta=0, gamma=0)
    trend = (SERIES[6:12].mean() - SERIES[:6].mean()) / 6
    expected = trend * (49 + np.arange(6)) + SERIES[:6]
    np.testing.assert_allclose(mine, expected)


def test_a_season_without_trend_is_exact():
    np.testing.assert_allclose(holt_winters_forecast([1, 5, 3] * 4, 4, 3), [1, 5, 3, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"series": SERIES[:11]}, "at least 12 values. Received: 11"),
        ({"series": SERIES * np.nan}, "must be finite"),
        ({"series": [SERIES]}, "one axis"),
        ({"period": 1}, "period must be at least 2"),
        ({"horizon": 0}, "horizon must be positive"),
        ({"alpha": 1.1}, r"alpha must be in \[0, 1\]. Received: alpha=1.1"),
        ({"gamma": -1}, r"gamma must be in \[0, 1\]"),
        ({"beta": np.nan}, r"beta must be in \[0, 1\]"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    good = {"series": SERIES, "horizon": 3, "period": 6}
    with pytest.raises(ValueError, match=message):
        holt_winters_forecast(**{**good, **arguments})
