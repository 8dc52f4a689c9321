"""What a test finds and what it leaves alone, with intervals."""

from typing import NamedTuple

import numpy as np
from scipy import stats


class Rate(NamedTuple):
    """A share, and the interval that the data leave open."""

    value: float
    low: float
    high: float


def sensitivity_specificity(labels, predictions, confidence=0.95):
    """Count the sick who are found and the healthy who are left alone.

    Sensitivity is TP / (TP + FN), specificity TN / (TN + FP), each with its Wilson
    interval.

    Args:
        labels: `(N,)`, 1 for sick and 0 for healthy, of both at least one.
        predictions: `(N,)`, 1 or 0: after the threshold.
        confidence: Of the intervals, between 0 and 1.

    Returns:
        `sensitivity, specificity`, each a `Rate`.

    Raises:
        ValueError: If the shapes differ, a value is neither 0 nor 1, or a class is
            missing.

    Examples:
        >>> sensitivity, specificity = sensitivity_specificity([1, 1, 0, 0], [1, 0, 0, 0])
        >>> sensitivity.value, specificity.value
        (0.5, 1.0)
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            "labels and predictions must have the same shape (N,). "
            f"Received: {labels.shape} and {predictions.shape}"
        )
    for name, values in [("labels", labels), ("predictions", predictions)]:
        if not np.isin(values, [0, 1]).all():
            raise ValueError(f"{name} must be 0 or 1. Received: {np.unique(values)}")
    rates = []
    for label in (1, 0):
        found = predictions[labels == label] == label
        if not len(found):
            raise ValueError(f"labels must have both classes. Received: no {label}")
        low, high = wilson_interval(found.sum(), len(found), confidence)
        rates.append(Rate(float(found.mean()), low, high))
    return tuple(rates)


def wilson_interval(successes, trials, confidence=0.95):
    r"""All shares p that are at most z standard errors *of p* from the one observed.

    $$|\hat{p} - p| \le z \sqrt{p (1 - p) / n}$$

    Wilson 1927. Solved for p it is centered between $\hat{p}$ and one half, and stays
    within 0 and 1 where $\hat{p} \pm z \sqrt{\hat{p} (1 - \hat{p}) / n}$, the Wald
    interval, has no width at all.

    Args:
        successes: How often, from 0 to `trials`.
        trials: n, at least 1, independent of each other.
        confidence: Between 0 and 1.

    Returns:
        `low, high`.

    Raises:
        ValueError: If a number is out of range.

    Examples:
        >>> [round(limit, 3) for limit in wilson_interval(18, 20)]
        [0.699, 0.972]
    """
    _check(successes, trials, confidence)
    z = stats.norm.ppf((1 + confidence) / 2)
    share, shrink = successes / trials, 1 + z**2 / trials
    center = (share + z**2 / (2 * trials)) / shrink
    variance = share * (1 - share) / trials + z**2 / (4 * trials**2)
    half = z * np.sqrt(variance) / shrink
    return float(max(center - half, 0)), float(min(center + half, 1))


def clopper_pearson_interval(successes, trials, confidence=0.95):
    """Shares that a two-sided exact binomial test does not reject; never too narrow.

    Clopper & Pearson 1934, with quantiles of the beta distribution.

    Args:
        successes: How often, from 0 to `trials`.
        trials: n, at least 1, independent of each other.
        confidence: Between 0 and 1.

    Returns:
        `low, high`.

    Raises:
        ValueError: If a number is out of range.

    Examples:
        >>> [round(limit, 3) for limit in clopper_pearson_interval(18, 20)]
        [0.683, 0.988]
    """
    _check(successes, trials, confidence)
    tail, failures = (1 - confidence) / 2, trials - successes
    low = stats.beta.ppf(tail, successes, failures + 1) if successes else 0.0
    high = stats.beta.ppf(1 - tail, successes + 1, failures) if failures else 1.0
    return float(low), float(high)


def _check(successes, trials, confidence):
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            "successes must be from 0 to trials, and trials at least 1. "
            f"Received: successes={successes}, trials={trials}"
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1. Received: {confidence=}")
