"""A series cut into examples: what was known, and what came next."""

import numpy as np

from whiteboard.fundamentals import require_positive
from whiteboard.scenarios.series_checks import as_series


def sliding_windows(series, context, horizon):
    r"""Cut a series into all its windows.

    $$x_i = (y_i, \dots, y_{i+L-1}), \quad z_i = (y_{i+L}, \dots, y_{i+L+H-1})$$

    Args:
        series: Numbers `(T,)`, oldest first, at least `context + horizon`.
        context: Number of steps L that a model sees.
        horizon: Number of steps H that it forecasts.

    Returns:
        `(inputs, targets)`: float64 `(N, L)` and `(N, H)`, N = T - L - H + 1. They share
        the memory of one array and are read-only.

    Raises:
        ValueError: If the series is bad or too short, or a number is not positive.

    Examples:
        >>> inputs, targets = sliding_windows(np.arange(10), context=4, horizon=2)
        >>> inputs[-1], targets[-1]
        (array([4., 5., 6., 7.]), array([8., 9.]))
    """
    require_positive(context=context, horizon=horizon)
    series = as_series(series, at_least=context + horizon)
    windows = np.lib.stride_tricks.sliding_window_view(series, context + horizon)
    return windows[:, :context], windows[:, context:]


def pooled_windows(many_series, context, horizon):
    r"""Cut several series into windows, each in its own units, for one model of them all.

    $$x \leftarrow \frac{x - \mu}{\sigma}, \quad z \leftarrow \frac{z - \mu}{\sigma}$$

    Mean and deviation are those of the `context` values that are seen.

    Args:
        many_series: A list of series `(T,)`; they may differ in length.
        context: Number of steps L that a model sees.
        horizon: Number of steps H that it forecasts.

    Returns:
        `(inputs, targets)`: float64 `(N, L)` and `(N, H)`, N windows of all series.

    Raises:
        ValueError: If there is no series, one is bad or too short, or a number is not
            positive.

    Examples:
        >>> inputs, targets = pooled_windows([sales, 1000 * sales], context=24, horizon=12)
    """
    if len(many_series) == 0:
        raise ValueError("many_series must not be empty. Received: no series")
    windows = [sliding_windows(series, context, horizon) for series in many_series]
    inputs, targets = map(np.concatenate, zip(*windows, strict=True))
    mean = inputs.mean(axis=1, keepdims=True)
    deviation = inputs.std(axis=1, keepdims=True) + 1e-6
    return (inputs - mean) / deviation, (targets - mean) / deviation
