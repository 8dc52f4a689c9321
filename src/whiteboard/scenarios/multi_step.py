"""Several steps ahead with a regressor on lags: step by step, or a model for each step."""

import numpy as np
from sklearn.base import clone

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.series_checks import as_series
from whiteboard.scenarios.window_data import sliding_windows


def recursive_forecast(estimator, series, num_lags, horizon):
    r"""Fit one model for one step, and feed it its own forecasts.

    $$\hat y_{t+h} = f(\hat y_{t+h-1}, \dots, \hat y_{t+h-L}), \quad
    \hat y_s = y_s \ \mathrm{for} \ s \le t$$

    Args:
        estimator: A regressor of scikit-learn's kind; it is cloned and fitted.
        series: Numbers `(T,)`, oldest first.
        num_lags: Number of last values L that the model sees, oldest first.
        horizon: Number of steps H.

    Returns:
        An array `(H,)`.

    Raises:
        ValueError: If the series is bad or too short, or a number is not positive.

    Examples:
        >>> recursive_forecast(LinearRegression(), np.arange(20), num_lags=3, horizon=2)
        array([20., 21.])
    """
    require_positive(horizon=horizon)
    inputs, targets = sliding_windows(series, num_lags, 1)
    model = clone(estimator).fit(inputs, targets[:, 0])
    path = list(as_series(series)[-num_lags:])
    for _ in range(horizon):
        path.append(model.predict(np.array([path[-num_lags:]]))[0])
    return np.array(path[num_lags:], dtype="float64")


def direct_forecast(estimator, series, num_lags, horizon):
    r"""Fit a model for each step ahead, all on the same lags.

    $$\hat y_{t+h} = f_h(y_t, \dots, y_{t-L+1})$$

    Args:
        estimator: A regressor of scikit-learn's kind; it is cloned and fitted H times.
        series: Numbers `(T,)`, oldest first.
        num_lags: Number of last values L that each model sees, oldest first.
        horizon: Number of steps H.

    Returns:
        An array `(H,)`.

    Raises:
        ValueError: If the series is bad or too short, or a number is not positive.

    Examples:
        >>> direct_forecast(LinearRegression(), np.arange(20), num_lags=3, horizon=2)
        array([20., 21.])
    """
    inputs, targets = sliding_windows(series, num_lags, horizon)
    latest = as_series(series)[None, -num_lags:]
    models = [clone(estimator).fit(inputs, target) for target in targets.T]
    return np.array([model.predict(latest)[0] for model in models], dtype="float64")


def forecast_differences(forecast, lag=1):
    r"""Make a forecast of the series out of a forecast of its changes.

    $$z_t = y_t - y_{t-m}, \quad \hat y_{t+h} = \hat y_{t+h-m} + \hat z_{t+h}$$

    With lag 1 a straight trend becomes a constant, with the lag of a season the season
    vanishes as well. A tree cannot answer beyond the targets that it has seen; it can
    answer with a change that it has seen.

    Args:
        forecast: A function of a series `(T,)` and the horizon to forecasts `(H,)`.
        lag: Distance m of the values that are subtracted.

    Returns:
        A function like `forecast`.

    Raises:
        ValueError: If `lag` is not positive.

    Examples:
        >>> forecast_differences(naive_forecast)([1, 2, 4], horizon=2)
        array([6., 8.])
    """
    require_positive(lag=lag)

    def forecast_levels(series, horizon):
        series = as_series(series, at_least=lag + 1)
        path = list(series[-lag:])
        for change in forecast(series[lag:] - series[:-lag], horizon):
            path.append(path[-lag] + change)
        return np.array(path[lag:])

    return forecast_levels
