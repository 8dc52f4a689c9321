"""The forecasts to beat: they have no parameters and take no time."""

import numpy as np

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.series_checks import as_series


def naive_forecast(series, horizon):
    r"""Say that nothing changes: $\hat y_{t+h} = y_t$.

    The best forecast there is of a random walk without drift.

    Args:
        series: Numbers `(T,)`, oldest first.
        horizon: Number of steps H.

    Returns:
        An array `(H,)`.

    Raises:
        ValueError: If the series is not finite and of one axis, or H is not positive.

    Examples:
        >>> naive_forecast([3, 1, 2], horizon=2)
        array([2., 2.])
    """
    return seasonal_naive_forecast(series, horizon, period=1)


def seasonal_naive_forecast(series, horizon, period):
    r"""Repeat the last season: $\hat y_{t+h}$ is the last known value of the same phase.

    $$\hat y_{t+h} = y_{t+h-km}, \quad k = \lceil h / m \rceil$$

    Args:
        series: Numbers `(T,)`, oldest first, at least `period`.
        horizon: Number of steps H.
        period: Number of steps m in a season.

    Returns:
        An array `(H,)`.

    Raises:
        ValueError: If the series is bad or too short, or a number is not positive.

    Examples:
        >>> seasonal_naive_forecast([9, 1, 2, 3], horizon=4, period=3)
        array([1., 2., 3., 1.])
    """
    require_positive(horizon=horizon, period=period)
    series = as_series(series, at_least=period)
    return np.resize(series[-period:], horizon)


def drift_forecast(series, horizon):
    r"""Extend the line from the first value to the last.

    $$\hat y_{t+h} = y_t + h \, \frac{y_t - y_1}{t - 1}$$

    Args:
        series: Numbers `(T,)`, oldest first, at least 2.
        horizon: Number of steps H.

    Returns:
        An array `(H,)`.

    Raises:
        ValueError: If the series is bad or too short, or H is not positive.

    Examples:
        >>> drift_forecast([1, 5, 3], horizon=2)
        array([4., 5.])
    """
    require_positive(horizon=horizon)
    series = as_series(series, at_least=2)
    slope = (series[-1] - series[0]) / (len(series) - 1)
    return series[-1] + slope * np.arange(1, horizon + 1)
