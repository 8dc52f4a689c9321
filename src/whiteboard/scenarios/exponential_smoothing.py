"""Exponential smoothing with a trend and a season: three averages and a sum."""

import numpy as np

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.series_checks import as_series


def holt_winters_forecast(series, horizon, period, alpha=0.3, beta=0.05, gamma=0.2):
    r"""Forecast by Holt and Winters' additive method with given smoothing weights.

    $$l_t = \alpha (y_t - s_{t-m}) + (1 - \alpha)(l_{t-1} + b_{t-1})$$

    $$b_t = \beta (l_t - l_{t-1}) + (1 - \beta) b_{t-1}, \quad
    s_t = \gamma (y_t - l_{t-1} - b_{t-1}) + (1 - \gamma) s_{t-m}$$

    $$\hat y_{t+h} = l_t + h \, b_t + s_{t+h-km}, \quad k = \lceil h / m \rceil$$

    The level starts as the mean of the first season, the trend as its change to the
    second, the seasonal terms as the first season less its mean. statsmodels'
    `ExponentialSmoothing` fits the weights and the start as well.

    Source: Winters, "Forecasting Sales by Exponentially Weighted Moving Averages", 1960,
    in the additive form of Hyndman and Athanasopoulos, "Forecasting", section 8.3.

    Args:
        series: Numbers `(T,)`, oldest first, at least two seasons.
        horizon: Number of steps H.
        period: Number of steps m in a season, at least 2.
        alpha: Weight of the newest value in the level, in [0, 1].
        beta: Weight of the newest slope in the trend, in [0, 1].
        gamma: Weight of the newest value in the seasonal term, in [0, 1].

    Returns:
        An array `(H,)`.

    Raises:
        ValueError: If the series is bad or too short, or a number is out of range.

    Examples:
        >>> holt_winters_forecast([1, 5, 3] * 4, horizon=4, period=3)
        array([1., 5., 3., 1.])
    """
    require_positive(horizon=horizon)
    for name, value in {"alpha": alpha, "beta": beta, "gamma": gamma}.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be in [0, 1]. Received: {name}={value}")
    if period < 2:
        raise ValueError(f"period must be at least 2. Received: period={period}")
    series = as_series(series, at_least=2 * period)
    level = series[:period].mean()
    trend = (series[period : 2 * period].mean() - level) / period
    season = list(series[:period] - level)
    for t, value in enumerate(series):
        before, expected = level, level + trend
        level = alpha * (value - season[t]) + (1 - alpha) * expected
        season.append(gamma * (value - expected) + (1 - gamma) * season[t])
        trend = beta * (level - before) + (1 - beta) * trend
    steps = np.arange(1, horizon + 1)
    return level + steps * trend + np.resize(season[-period:], horizon)
