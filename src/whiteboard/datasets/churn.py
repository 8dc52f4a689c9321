"""Customers observed month by month, who leave with a known probability."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

# Shapes: N customers, T months.
CUSTOMER_FEATURES = ("level", "trend", "tickets", "yearly", "years")
WINDOW = 3


@dataclass(frozen=True)
class CustomerPanel:
    """What the company sees of N customers over T months, and what it cannot see.

    Seen: `usage` and `tickets` `(N, T)`, hours and support requests, 0 from the month of
    leaving on; `yearly` `(N,)`, 1 for a yearly contract; `tenure` `(N,)`, months as a
    customer at month 0; `fee` `(N,)` a month; `leaves` `(N,)`, the month of leaving, T if
    not observed. Truth: `risk` `(N, T)`, the probability of leaving in a month given that
    one is still there, NaN in the first 3 months; `effect` `(N, T)`, what a contact at
    the start of the month adds to the log odds of `risk`.
    """

    usage: np.ndarray
    tickets: np.ndarray
    yearly: np.ndarray
    tenure: np.ndarray
    fee: np.ndarray
    leaves: np.ndarray
    risk: np.ndarray
    effect: np.ndarray

    @property
    def num_months(self):
        return self.usage.shape[1]

    def features(self, month):
        """Return what the 3 months before `month` tell: `(N, 5)`, named in `CUSTOMER_FEATURES`."""
        if not WINDOW <= month <= self.num_months:
            raise ValueError(
                f"month must be from {WINDOW} to num_months={self.num_months}, so that "
                f"there are {WINDOW} months before it. Received: month={month}"
            )
        recent = slice(month - WINDOW, month)
        hours = np.log1p(self.usage[:, recent])
        columns = [
            hours.mean(axis=1) - 3,
            hours[:, -1] - hours[:, 0],
            self.tickets[:, recent].sum(axis=1),
            self.yearly,
            (self.tenure + month) / 12,
        ]
        return np.stack(columns, axis=1)

    def uplift(self, month):
        """Return by how much a contact lowers the risk in `month`: the truth, `(N,)`."""
        risk = self.risk[:, month]
        return risk - expit(logit(risk) + self.effect[:, month])


def simulate_customers(
    num_customers,
    num_months=12,
    truth="linear",
    effect="varied",
    drift=0.0,
    log_odds=-2.5,
    seed=None,
):
    r"""Draw customers whose risk of leaving depends on their last three months.

    The logarithm of a customer's usage is a level of its own plus an autoregression of
    order 1, $m_t = 0.8 m_{t-1} + 0.4 \epsilon_t$; tickets are Poisson. The log odds of
    leaving in a month are `log_odds` plus a signal of the features before it:

    - "linear": $-0.6\,\mathrm{level} - \mathrm{trend} + 0.4\,(\mathrm{tickets} - 1)$
      minus $0.8\,\mathrm{yearly} + 0.1\,\mathrm{years}$;
    - "interacting": $1.2\,\mathrm{level}\,(1 - 2\,\mathrm{yearly})$
      minus $1.5\,\mathrm{trend}\,(\mathrm{tickets} - 1)$.

    With drift d the signal at month t is $(1 - w)$ times this plus $w$ times the linear
    one with the signs of level and tickets flipped, $w = d\,(t / (T - 1))^2$.

    A contact lowers the log odds of whoever had 2 tickets or more by 1.5, unless usage
    fell by over a half; it raises by 1 those of the rest on a yearly contract and below
    average level, whom it reminds to cancel. Elsewhere it does nothing. With "equal" it
    lowers all by 0.5.

    Args:
        num_customers: N.
        num_months: T, at least 4.
        truth: "linear" or "interacting".
        effect: "varied" or "equal".
        drift: d in [0, 1].
        log_odds: Log odds of leaving at signal 0.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        A `CustomerPanel`.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> panel = simulate_customers(1000, seed=7)
        >>> panel.usage.shape, panel.features(6).shape
        ((1000, 12), (1000, 5))
    """
    _require_valid(num_customers, num_months, truth, effect, drift, log_odds)
    rng = np.random.default_rng(seed)
    n, shape = num_customers, (num_customers, num_months)
    momentum = rng.normal(0, 0.4 / 0.6, size=n)
    path = np.empty(shape)
    for month in range(num_months):
        path[:, month] = momentum
        momentum = 0.8 * momentum + 0.4 * rng.normal(size=n)
    level = 3 + 0.7 * rng.normal(size=(n, 1))
    trouble = rng.gamma(1, 0.33, size=(n, 1))
    panel = CustomerPanel(
        usage=np.expm1(np.clip(level + path, 0, None)),
        tickets=rng.poisson(trouble, size=shape),
        yearly=(rng.random(n) < 0.4).astype(float),
        tenure=rng.integers(1, 60, size=n),
        fee=np.exp(rng.normal(3.5, 0.6, size=n)),
        leaves=np.full(n, num_months),
        risk=np.full(shape, np.nan),
        effect=np.full(shape, np.nan),
    )
    for month in range(WINDOW, num_months):
        state = panel.features(month)
        weight = drift * (month / (num_months - 1)) ** 2
        signal = (1 - weight) * _SIGNALS[truth](*state.T)
        signal += weight * _SIGNALS["flipped"](*state.T)
        panel.risk[:, month] = expit(log_odds + signal)
        panel.effect[:, month] = _EFFECTS[effect](*state.T)
        goes = (rng.random(n) < panel.risk[:, month]) & (panel.leaves == num_months)
        panel.leaves[goes] = month
    there = np.arange(num_months) < panel.leaves[:, None]  # (N, T)
    return replace(panel, usage=panel.usage * there, tickets=panel.tickets * there)


def contact_customers(panel, month, contacted, seed=None):
    """Draw who leaves in `month` if the customers marked are contacted at its start.

    Args:
        panel: A `CustomerPanel`.
        month: From 3 to T - 1.
        contacted: `(N,)`, true for whom to contact.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        Booleans `(N,)`: true for who leaves, of those still there at the start.

    Raises:
        ValueError: If there is no truth for the month, or not one mark a customer.

    Examples:
        >>> panel = simulate_customers(1000, seed=7)
        >>> left = contact_customers(panel, 3, np.arange(1000) < 500, seed=8)
    """
    if not WINDOW <= month < panel.num_months:
        raise ValueError(
            f"month must be from {WINDOW} to {panel.num_months - 1}. "
            f"Received: month={month}"
        )
    contacted = np.asarray(contacted, dtype=bool)
    if contacted.shape != panel.leaves.shape:
        raise ValueError(
            f"contacted must have shape {panel.leaves.shape}. "
            f"Received: shape={contacted.shape}"
        )
    odds = logit(panel.risk[:, month]) + contacted * panel.effect[:, month]
    draws = np.random.default_rng(seed).random(len(odds))
    return (draws < expit(odds)) & (panel.leaves >= month)


_SIGNALS = {
    "linear": lambda level, trend, tickets, yearly, years: (
        -0.6 * level - trend + 0.4 * (tickets - 1) - 0.8 * yearly - 0.1 * years
    ),
    "interacting": lambda level, trend, tickets, yearly, years: (
        1.2 * level * (1 - 2 * yearly) - 1.5 * trend * (tickets - 1)
    ),
    "flipped": lambda level, trend, tickets, yearly, years: (
        0.6 * level - trend - 0.4 * (tickets - 1) - 0.8 * yearly - 0.1 * years
    ),
}


def _varied_effect(level, trend, tickets, yearly, years):
    persuadable = (tickets >= 2) & (trend > np.log(0.5))
    asleep = (tickets < 2) & (yearly > 0) & (level < 0)
    return -1.5 * persuadable + 1.0 * asleep


_EFFECTS = {
    "varied": _varied_effect,
    "equal": lambda level, *_: np.full_like(level, -0.5),
}


def _require_valid(num_customers, num_months, truth, effect, drift, log_odds):
    for name, value, least in [
        ("num_customers", num_customers, 1),
        ("num_months", num_months, WINDOW + 1),
    ]:
        if not value >= least:
            raise ValueError(
                f"{name} must be at least {least}. Received: {name}={value}"
            )
    if truth not in ("linear", "interacting"):
        raise ValueError(
            f'truth must be "linear" or "interacting". Received: truth={truth!r}'
        )
    if effect not in _EFFECTS:
        raise ValueError(
            f'effect must be "varied" or "equal". Received: effect={effect!r}'
        )
    if not 0 <= drift <= 1:
        raise ValueError(f"drift must be in [0, 1]. Received: drift={drift}")
    if not np.isfinite(log_odds):
        raise ValueError(f"log_odds must be finite. Received: log_odds={log_odds}")
