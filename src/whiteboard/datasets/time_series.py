"""Time series: generators whose best possible forecast is known, and real series."""

import importlib
from collections import namedtuple

import numpy as np

Demand = namedtuple("Demand", ["demand", "promotion", "weather", "day"])
WEEKDAY_SHAPE = np.array([-0.6, -0.5, -0.3, 0.0, 0.4, 1.0, 0.0])
MONTHLY_SERIES = "co2", "elec_equip", "elnino"
YEARLY_SERIES = "nile", "sunspots"


def demand_series(
    num_days, slope=0.02, weekday=8.0, promotion=6.0, weather=2.0, noise=1.0, seed=None
):
    r"""Draw the daily demand for one product, with all that drives it.

    $$y_t = 50 + \mathrm{slope} \cdot t + \mathrm{weekday} \cdot s_{t \bmod 7} +
    \mathrm{promotion} \cdot p_t + \mathrm{weather} \cdot w_t + \mathrm{noise} \cdot
    \epsilon_t$$

    s is a fixed weekly shape. The promotions $p_t \in \{0, 1\}$ are planned, one day in
    ten, and known ahead. The weather $w_t = 0.8 \, w_{t-1} + 0.6 \, \eta_t$ is not: h days
    ahead a share $1 - 0.8^{2h}$ of its variance, which is 1, is still unknown. So the
    variance of the best forecast's error is
    $\mathrm{noise}^2 + \mathrm{weather}^2 (1 - 0.8^{2h})$.

    Args:
        num_days: T.
        slope: Growth of the demand per day.
        weekday: Size of the weekly pattern, which lies between -0.6 and 1 times this.
        promotion: Units sold more on a day with a promotion.
        weather: Units sold more per standard deviation of the weather.
        noise: Standard deviation of what nothing explains.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        A named tuple `(demand, promotion, weather, day)` of arrays `(T,)`: `day` counts
        from 0, and `day % 7` is the day of the week.

    Raises:
        ValueError: If `num_days` or `noise` is out of range.

    Examples:
        >>> series = demand_series(730, seed=7)
        >>> series.demand.shape, int(series.promotion.max())
        ((730,), 1)
    """
    _require_at_least(1, num_days=num_days)
    _require_at_least(0, noise=noise)
    rng = np.random.default_rng(seed)
    day = np.arange(num_days)
    is_promoted = (rng.random(num_days) < 0.1).astype("float64")
    temperature = rng.normal(size=num_days)
    for t in range(1, num_days):
        temperature[t] = 0.8 * temperature[t - 1] + 0.6 * temperature[t]
    expected = 50 + slope * day + weekday * WEEKDAY_SHAPE[day % 7]
    expected += promotion * is_promoted + weather * temperature
    demand = expected + noise * rng.normal(size=num_days)
    return Demand(demand, is_promoted, temperature, day)


def random_walk(length, drift=0.0, deviation=1.0, start=100.0, seed=None):
    r"""Draw a series whose changes are independent of all that came before.

    $$y_t = y_{t-1} + \mathrm{drift} + \mathrm{deviation} \cdot \epsilon_t$$

    The best forecast h steps ahead is $y_t + h \cdot \mathrm{drift}$, whatever is known of
    the past; the standard deviation of its error is $\mathrm{deviation} \cdot \sqrt{h}$.

    Args:
        length: T.
        drift: Mean of a change.
        deviation: Standard deviation of a change.
        start: The value before the first.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        An array `(T,)`.

    Raises:
        ValueError: If `length` or `deviation` is out of range.

    Examples:
        >>> random_walk(500, seed=7).shape
        (500,)
    """
    _require_at_least(1, length=length)
    _require_at_least(0, deviation=deviation)
    steps = np.random.default_rng(seed).normal(drift, deviation, size=length)
    return start + np.cumsum(steps)


def load_time_series(name):
    """Load a real series that ships with statsmodels; no network is needed.

    | Name | What | Period | Length |
    |---|---|---|---|
    | `co2` | CO2 at Mauna Loa, ppm, monthly means of weekly values, 1958-2001 | 12 | 526 |
    | `elec_equip` | turnover of EU electrical equipment makers, 1995-2016 | 12 | 257 |
    | `elnino` | sea surface temperature off Peru, degrees Celsius, 1950-2010 | 12 | 732 |
    | `nile` | yearly flow of the Nile at Aswan, 1871-1970 | 1 | 100 |
    | `sunspots` | yearly sunspot number, 1700-2008 | 1 | 309 |

    The five months without a CO2 value are filled in on a straight line.

    Args:
        name: One of the names above.

    Returns:
        `(series, period)`: float64 `(T,)` and the number of steps in a season.

    Raises:
        ValueError: If the name is unknown.
        ImportError: If statsmodels is not installed.

    Examples:
        >>> series, period = load_time_series("elec_equip")
        >>> series.shape, period
        ((257,), 12)
    """
    if name not in MONTHLY_SERIES + YEARLY_SERIES:
        raise ValueError(
            f"name must be one of {MONTHLY_SERIES + YEARLY_SERIES}. Received: name={name}"
        )
    try:
        source = importlib.import_module(f"statsmodels.datasets.{name}.data")
    except ImportError as error:
        raise ImportError(
            "load_time_series needs statsmodels: pip install statsmodels"
        ) from error
    table = source.load_pandas().data
    if name == "co2":
        table = table.resample("MS").mean().interpolate()
    if name == "elnino":
        table = table.drop(columns="YEAR")
    values = table.to_numpy("float64")
    series = values.ravel() if name in MONTHLY_SERIES else values[:, -1]
    return series, 12 if name in MONTHLY_SERIES else 1


def _require_at_least(minimum, **arguments):
    for name, value in arguments.items():
        if not value >= minimum:
            raise ValueError(
                f"{name} must be at least {minimum}. Received: {name}={value}"
            )
