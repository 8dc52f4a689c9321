"""What every forecast asks of a series."""

import numpy as np


def as_series(series, at_least=1, name="series"):
    """Return a series as float64 `(T,)`.

    Args:
        series: Numbers `(T,)`, oldest first.
        at_least: The smallest T that will do.
        name: What an error calls the series.

    Raises:
        ValueError: If the series has another rank, is too short, or is not finite.

    Examples:
        >>> as_series([1, 2, 3], at_least=2)
        array([1., 2., 3.])
    """
    series = np.asarray(series, dtype="float64")
    if series.ndim != 1:
        raise ValueError(f"{name} must have one axis. Received: shape={series.shape}")
    if len(series) < at_least:
        raise ValueError(
            f"{name} must have at least {at_least} values. Received: {len(series)}"
        )
    if not np.isfinite(series).all():
        raise ValueError(
            f"{name} must be finite. Received: {np.sum(~np.isfinite(series))} values "
            "that are not"
        )
    return series
