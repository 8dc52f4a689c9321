"""Whom to contact: from a probability to money."""

import numpy as np
from sklearn.metrics import precision_recall_curve


def contact_gain(risk, value, save_rate, incentive=0.0, cost=0.0):
    r"""Expected gain of an offer to a customer who would leave with probability p.

    $$g = p \gamma (V - \delta) - (1 - p) \delta - c$$

    A leaver accepts with probability $\gamma$ and stays; a customer who would have stayed
    takes the offer $\delta$ as well; the contact c is paid either way. With p in {0, 1}
    this is the gain given the outcome.

    Source: Neslin et al., "Defection Detection", 2006; for one customer.

    Args:
        risk: p, any shape.
        value: V, worth of a customer kept, of a shape that fits p.
        save_rate: $\gamma$ in [0, 1].
        incentive: $\delta$, not negative.
        cost: c, not negative.

    Returns:
        Gains in the unit of `value`.

    Raises:
        ValueError: If a probability is not in [0, 1] or an amount is negative.

    Examples:
        >>> float(contact_gain(0.5, 240.0, save_rate=0.25, incentive=40.0, cost=5.0))
        0.0
    """
    risk, value = _require_valid(risk, value, save_rate, incentive, cost)
    return risk * save_rate * (value - incentive) - (1 - risk) * incentive - cost


def contact_threshold(value, save_rate, incentive=0.0, cost=0.0):
    r"""The risk above which an offer pays.

    $$p^* = \frac{\delta + c}{\gamma V + (1 - \gamma) \delta}$$

    It is where `contact_gain` is 0. Above 1: nobody of this value is worth the offer.

    Args:
        value: V, any shape.
        save_rate: $\gamma$ in [0, 1].
        incentive: $\delta$, not negative.
        cost: c, not negative.

    Returns:
        Thresholds of the shape of `value`; infinite where nothing can be gained.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> float(contact_threshold(240.0, save_rate=0.25, incentive=40.0, cost=5.0))
        0.5
    """
    _, value = _require_valid(0.0, value, save_rate, incentive, cost)
    slope = save_rate * value + (1 - save_rate) * incentive
    with np.errstate(divide="ignore"):
        return np.where(slope > 0, (incentive + cost) / slope, np.inf)


def f1_threshold(probabilities, y):
    r"""The threshold with the highest F1, which asks for no cost and no value.

    $$F_1 = \frac{2 \, TP}{2 \, TP + FP + FN}$$

    Args:
        probabilities: p `(N,)`; rows with p at least the threshold count as positive.
        y: `(N,)` of 0 and 1, with a 1.

    Returns:
        One of the probabilities.

    Raises:
        ValueError: If the arrays do not fit or there is no positive.

    Examples:
        >>> f1_threshold([0.1, 0.4, 0.6, 0.9], [0, 1, 0, 1])
        0.4
    """
    if not np.any(y):
        raise ValueError(f"y must have a positive for F1. Received: {len(y)} rows")
    precision, recall, thresholds = precision_recall_curve(y, probabilities)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[f1[:-1].argmax()])


def _require_valid(risk, value, save_rate, incentive, cost):
    risk, value = np.asarray(risk, float), np.asarray(value, float)
    for name, p in {"risk": risk, "save_rate": np.asarray(save_rate)}.items():
        if not ((p >= 0) & (p <= 1)).all():
            raise ValueError(f"{name} must be in [0, 1]. Received: {name}={p}")
    amounts = {"value": value, "incentive": incentive, "cost": cost}
    for name, amount in amounts.items():
        if not (np.asarray(amount) >= 0).all():
            raise ValueError(f"{name} must not be negative. Received: {name}={amount}")
    return risk, value
