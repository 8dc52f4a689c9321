"""What a forecast costs: points, quantiles and intervals."""

import numpy as np

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.series_checks import as_series


def mean_absolute_scaled_error(actual, forecast, past, period=1):
    r"""Mean absolute error, in units of the error of a seasonal naive forecast.

    $$\mathrm{MASE} = \frac{\frac{1}{H} \sum_{h} |y_{t+h} - \hat y_{t+h}|}
    {\frac{1}{t - m} \sum_{i = m + 1}^{t} |y_i - y_{i-m}|}$$

    The scale comes from the past alone. It has no unit, so series can be averaged, and
    it is defined where a demand is zero. Below 1 does not yet beat the seasonal naive
    forecast: the scale is its error on the past, not on the H steps.

    Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006.

    Args:
        actual: Numbers of any shape.
        forecast: Numbers of the same shape.
        past: The series before the first origin, `(t,)`, more than `period` values.
        period: Number of steps m in a season.

    Returns:
        A number.

    Raises:
        ValueError: If shapes differ, values are not finite, or the past repeats itself
            exactly, so that the scale is 0.

    Examples:
        >>> mean_absolute_scaled_error([5, 6], [4, 8], past=[1, 3, 2, 4])
        0.9
    """
    require_positive(period=period)
    actual, forecast = _same_shape(actual=actual, forecast=forecast)
    past = as_series(past, at_least=period + 1, name="past")
    scale = np.abs(past[period:] - past[:-period]).mean()
    if scale == 0:
        raise ValueError(f"past must not repeat itself exactly with period={period}")
    return float(np.abs(actual - forecast).mean() / scale)


def pinball_loss(actual, quantile, level):
    r"""Mean loss of a quantile forecast; the true quantile has the lowest.

    $$\rho_\tau(y, q) = \max(\tau (y - q), \, (\tau - 1)(y - q))$$

    Each unit too low costs $\tau$, each unit too high $1 - \tau$. At 1/2 it is half the
    absolute error.

    Source: Koenker and Bassett, "Regression Quantiles", 1978.

    Args:
        actual: Numbers of any shape.
        quantile: Forecasts of the quantile, of the same shape.
        level: The level $\tau$, above 0 and below 1.

    Returns:
        A number.

    Raises:
        ValueError: If shapes differ, values are not finite, or the level is out of range.

    Examples:
        >>> pinball_loss([10.0, 10.0], [8.0, 12.0], level=0.75)
        1.0
    """
    _require_share(level=level)
    actual, quantile = _same_shape(actual=actual, quantile=quantile)
    gap = actual - quantile
    return float(np.maximum(level * gap, (level - 1) * gap).mean())


def interval_coverage(actual, lower, upper):
    """Share of the values inside their intervals, ends included.

    Args:
        actual: Numbers of any shape.
        lower: Lower ends, of the same shape.
        upper: Upper ends, of the same shape.

    Returns:
        A number in [0, 1], to compare with the nominal coverage.

    Raises:
        ValueError: If shapes differ or a value is NaN.

    Examples:
        >>> interval_coverage([1, 2, 3, 9], [0, 0, 0, 0], [4, 4, 4, 4])
        0.75
    """
    actual, lower, upper = _same_shape(False, actual=actual, lower=lower, upper=upper)
    return float(((lower <= actual) & (actual <= upper)).mean())


def interval_score(actual, lower, upper, coverage):
    r"""Width of an interval, plus a penalty for each value that it misses.

    $$S = (u - l) + \frac{2}{\alpha} (l - y)^+ + \frac{2}{\alpha} (y - u)^+, \quad
    \alpha = 1 - \mathrm{coverage}$$

    Coverage alone can be bought with width; this cannot. It is $2 / \alpha$ times the sum
    of the pinball losses of both ends, at the levels $\alpha / 2$ and $1 - \alpha / 2$.

    Source: Gneiting and Raftery, "Strictly Proper Scoring Rules", 2007, section 6.2.

    Args:
        actual: Numbers of any shape.
        lower: Lower ends, of the same shape.
        upper: Upper ends, of the same shape.
        coverage: The nominal coverage, above 0 and below 1.

    Returns:
        A number, lower for the better interval.

    Raises:
        ValueError: If shapes differ, values are not finite, or the coverage is out of
            range.

    Examples:
        >>> interval_score([1.0, 5.0], [0.0, 0.0], [4.0, 4.0], coverage=0.8)
        9.0
    """
    _require_share(coverage=coverage)
    actual, lower, upper = _same_shape(actual=actual, lower=lower, upper=upper)
    missed = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    return float((upper - lower + 2 / (1 - coverage) * missed).mean())


def _require_share(**arguments):
    for name, value in arguments.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} must be in (0, 1). Received: {name}={value}")


def _same_shape(must_be_finite=True, **arguments):
    arrays = {name: np.asarray(x, dtype="float64") for name, x in arguments.items()}
    shapes = {name: x.shape for name, x in arrays.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"Shapes must be equal. Received: {shapes}")
    for name, x in arrays.items():
        if x.size == 0:
            raise ValueError(f"{name} must not be empty. Received: shape={x.shape}")
        if np.isnan(x).any() or must_be_finite and not np.isfinite(x).all():
            raise ValueError(f"{name} must be finite. Received: {x}")
    return arrays.values()
