"""What a test result means where it is used: Bayes' rule with the prevalence there."""

import numpy as np


def predictive_values(sensitivity, specificity, prevalence):
    r"""How likely the sick are among the positives, and the healthy among the negatives.

    $$\mathrm{PPV} = \frac{\mathrm{se} \cdot \pi}
    {\mathrm{se} \cdot \pi + (1 - \mathrm{sp})(1 - \pi)}, \quad
    \mathrm{NPV} = \frac{\mathrm{sp} (1 - \pi)}
    {\mathrm{sp} (1 - \pi) + (1 - \mathrm{se}) \pi}$$

    Args:
        sensitivity: se, the share of the sick who test positive.
        specificity: sp, the share of the healthy who test negative.
        prevalence: pi, the share of the sick among those who are tested.

    Returns:
        `ppv, npv`, numbers or arrays of the arguments' common shape; NaN where nobody
        tests positive, or negative.

    Raises:
        ValueError: If an argument is not from 0 to 1.

    Examples:
        >>> ppv, npv = predictive_values(0.9, 0.95, prevalence=0.01)
        >>> round(ppv, 2), round(npv, 4)
        (0.15, 0.9989)
    """
    for name, value in [
        ("sensitivity", sensitivity),
        ("specificity", specificity),
        ("prevalence", prevalence),
    ]:
        if not np.all((np.asarray(value) >= 0) & (np.asarray(value) <= 1)):
            raise ValueError(f"{name} must be from 0 to 1. Received: {name}={value}")
    true_positive = np.multiply(sensitivity, prevalence)
    true_negative = np.multiply(specificity, np.subtract(1, prevalence))
    false_positive = np.subtract(1, prevalence) - true_negative
    false_negative = prevalence - true_positive
    with np.errstate(invalid="ignore"):
        ppv = true_positive / (true_positive + false_positive)
        npv = true_negative / (true_negative + false_negative)
    return ppv, npv


def shift_prevalence(probabilities, trained_at, used_at):
    r"""Carry probabilities over to a population with another prevalence.

    $$\mathrm{logit}(p') = \mathrm{logit}(p) +
    \mathrm{logit}(\pi') - \mathrm{logit}(\pi)$$

    Elkan 2001; Saerens, Latinne & Decaestecker 2002. Exact if the sick look alike in
    both places, and the healthy do: then only the prior differs.

    Args:
        probabilities: Calibrated for the training population, from 0 to 1.
        trained_at: pi, its prevalence, between 0 and 1.
        used_at: pi', the prevalence where they are used, between 0 and 1.

    Returns:
        Array of the shape of `probabilities`.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> shift_prevalence([0.5], trained_at=0.5, used_at=0.01)
        array([0.01])
    """
    probabilities = np.asarray(probabilities, "float64")
    if not np.all((probabilities >= 0) & (probabilities <= 1)):
        raise ValueError("probabilities must be from 0 to 1. Received: others, or NaN")
    for name, value in [("trained_at", trained_at), ("used_at", used_at)]:
        if not 0 < value < 1:
            raise ValueError(
                f"{name} must be between 0 and 1. Received: {name}={value}"
            )
    sick = probabilities * used_at / trained_at
    healthy = (1 - probabilities) * (1 - used_at) / (1 - trained_at)
    return sick / (sick + healthy)
