"""Features of a series for a regressor, and a test that they do not look ahead."""

import numpy as np

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.series_checks import as_series


def lag_features(series, lags, horizon=1):
    r"""The values some steps before each target that are known when it is forecast.

    $$x_{t,j} = y_{t - \mathrm{lags}_j}, \quad \mathrm{lags}_j \ge H$$

    Args:
        series: Numbers `(T,)`, oldest first.
        lags: Steps back from the target, each at least `horizon`.
        horizon: How many steps before its target a forecast is made, H.

    Returns:
        An array `(T, len(lags))`; row t belongs to the target $y_t$. NaN before the start.

    Raises:
        ValueError: If the series is bad, or a lag is below the horizon.

    Examples:
        >>> lag_features([1, 2, 3], lags=[1, 2])
        array([[nan, nan],
               [ 1., nan],
               [ 2.,  1.]])
    """
    require_positive(horizon=horizon)
    series = as_series(series)
    if not all(lag >= horizon for lag in lags):
        raise ValueError(
            f"lags must be at least the horizon, {horizon}: a nearer value is not known "
            f"yet. Received: lags={list(lags)}"
        )
    rows = np.full((len(series), len(lags)), np.nan)
    for column, lag in enumerate(lags):
        rows[lag:, column] = series[: max(len(series) - lag, 0)]
    return rows


def rolling_features(series, window, horizon=1, centred=False):
    r"""Mean and standard deviation of the last `window` values known at the forecast.

    $$m_t = \frac{1}{w} \sum_{i=0}^{w-1} y_{t-H-i}$$

    A centred window, around the target itself, is what a smoother of a plotting or signal
    library computes. It is here to show the leak.

    Args:
        series: Numbers `(T,)`, oldest first.
        window: Number of values w, at least 2.
        horizon: How many steps before its target a forecast is made, H.
        centred: Whether the window has its middle at the target, leak and all.

    Returns:
        An array `(T, 2)`; row t belongs to the target $y_t$. NaN where the window would
        reach beyond the series.

    Raises:
        ValueError: If the series is bad or a number is out of range.

    Examples:
        >>> rolling_features([1, 3, 5, 0], window=2)[:, 0]
        array([nan, nan,  2.,  4.])
    """
    require_positive(horizon=horizon)
    if window < 2:
        raise ValueError(f"window must be at least 2. Received: window={window}")
    series = as_series(series, at_least=window)
    windows = np.lib.stride_tricks.sliding_window_view(series, window)
    statistics = np.stack([windows.mean(axis=1), windows.std(axis=1)], axis=1)
    newest = np.arange(window - 1, len(series))  # the last value in each window
    target = newest - window // 2 if centred else newest + horizon
    is_inside = target < len(series)
    rows = np.full((len(series), 2), np.nan)
    rows[target[is_inside]] = statistics[is_inside]
    return rows


def calendar_features(day, period):
    """Which step of the season each day is: known for any day ahead.

    Args:
        day: Whole numbers `(T,)`.
        period: Number of steps in a season, 7 for the days of a week.

    Returns:
        An array of zeros and ones `(T, period)`, a column for each step.

    Raises:
        ValueError: If `day` is not of whole numbers or `period` is not positive.

    Examples:
        >>> calendar_features([0, 1, 9], period=7).argmax(axis=1)
        array([0, 1, 2])
    """
    require_positive(period=period)
    day = np.asarray(day)
    if day.ndim != 1 or not np.issubdtype(day.dtype, np.integer):
        raise ValueError(
            "day must be whole numbers of one axis. Received: "
            f"shape={day.shape}, dtype={day.dtype}"
        )
    return np.eye(period)[day % period]


def columns_that_look_ahead(make_features, series, horizon=1):
    """Change the future and see which features of the past move.

    For every origin: all values from it on are replaced, and the features of the last
    target that is forecast from before it, and of all earlier ones, must stay.

    Args:
        make_features: A function from a series `(T,)` to features `(T, C)`, row t those
            of the target $y_t$.
        series: Numbers `(T,)`, oldest first.
        horizon: How many steps before its target a forecast is made.

    Returns:
        The columns that changed, as a sorted list: empty if no feature looks ahead.

    Raises:
        ValueError: If the series is bad or the horizon is not positive.

    Examples:
        >>> columns_that_look_ahead(lambda y: rolling_features(y, 5, centred=True), series)
        [0, 1]
    """
    require_positive(horizon=horizon)
    series = as_series(series, at_least=horizon + 1)
    features, guilty = np.asarray(make_features(series)), set()
    for origin in range(1, len(series) - horizon + 1):
        changed = series.copy()
        changed[origin:] = series.max() + 1 + np.arange(len(series) - origin) ** 2
        known = origin + horizon  # targets before this one are forecast from the past
        after = np.asarray(make_features(changed))[:known]
        same = (after == features[:known]) | np.isnan(after) & np.isnan(
            features[:known]
        )
        guilty |= set(np.flatnonzero(~same.all(axis=0)).tolist())
    return sorted(guilty)
