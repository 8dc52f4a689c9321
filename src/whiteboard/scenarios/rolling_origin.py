"""Rolling-origin evaluation: stand at a day, see only the past, forecast what follows."""

import numpy as np

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.forecast_errors import mean_absolute_scaled_error
from whiteboard.scenarios.series_checks import as_series


def rolling_origins(length, first, horizon=1, step=None):
    r"""Yield the past and the future of each origin, as indices.

    $$\mathrm{past} = \{0, \dots, o - 1\}, \quad \mathrm{future} = \{o, \dots, o + H - 1\},
    \quad o = \mathrm{first}, \, \mathrm{first} + \mathrm{step}, \dots$$

    With `first = length - n * horizon` this is scikit-learn's `TimeSeriesSplit(n,
    test_size=horizon)`.

    Source: Tashman, "Out-of-sample tests of forecasting accuracy", 2000.

    Args:
        length: Number of values of the series.
        first: The first origin: so many values are known there.
        horizon: Number of steps H to forecast.
        step: Distance of two origins, H unless given.

    Yields:
        `(past, future)`: integer arrays `(o,)` and `(H,)`.

    Raises:
        ValueError: If a number is not positive, or no origin fits.

    Examples:
        >>> [(len(past), future) for past, future in rolling_origins(9, first=5, horizon=2)]
        [(5, array([5, 6])), (7, array([7, 8]))]
    """
    step = horizon if step is None else step
    require_positive(first=first, horizon=horizon, step=step)
    if first + horizon > length:
        raise ValueError(
            f"first + horizon must be at most length. Received: first={first}, "
            f"horizon={horizon}, length={length}"
        )
    for origin in range(first, length - horizon + 1, step):
        yield np.arange(origin), np.arange(origin, origin + horizon)


def backtest(series, forecast, first, horizon=1, step=None):
    """Forecast from every origin, each time from nothing but the past.

    Whatever is fitted is fitted inside `forecast`, so nothing it learns can come from
    behind the origin: not the model, not the scaler, not the number of lags.

    Args:
        series: Numbers `(T,)`, oldest first.
        forecast: A function of the past `(o,)` and the horizon to the forecasts `(H,)`.
        first: See `rolling_origins`.
        horizon: See `rolling_origins`.
        step: See `rolling_origins`.

    Returns:
        `(actual, forecasts)`, each `(K, H)` with a row for each of the K origins.

    Raises:
        ValueError: If the series or a number is bad, or a forecast is not `(H,)`.

    Examples:
        >>> actual, predicted = backtest(series, naive_forecast, first=120, horizon=12)
    """
    series = as_series(series)
    actual, forecasts = [], []
    for past, future in rolling_origins(len(series), first, horizon, step):
        predicted = np.asarray(forecast(series[past], horizon), dtype="float64")
        if predicted.shape != (horizon,):
            raise ValueError(
                f"forecast must return shape {(horizon,)}. Received: {predicted.shape}"
            )
        actual.append(series[future])
        forecasts.append(predicted)
    return np.array(actual), np.array(forecasts)


def rolling_mase(series, forecast, first, horizon=1, period=1):
    """Mean absolute scaled error over all origins, scaled by what was known at the first.

    Args:
        series: Numbers `(T,)`, oldest first.
        forecast: See `backtest`.
        first: See `rolling_origins`; more than `period`.
        horizon: See `rolling_origins`.
        period: Number of steps in a season, see `mean_absolute_scaled_error`.

    Returns:
        A number.

    Raises:
        ValueError: If the series or a number is bad.

    Examples:
        >>> rolling_mase(series, naive_forecast, first=120, horizon=12, period=12)
    """
    actual, forecasts = backtest(series, forecast, first, horizon)
    return mean_absolute_scaled_error(actual, forecasts, series[:first], period)
