"""Choose the threshold on validation patients; the test set only reports."""

import math

import numpy as np


def threshold_at_sensitivity(labels, scores, sensitivity):
    """Find the highest threshold that still calls a given share of the sick positive.

    A scan is positive if its score is at least the threshold.

    Args:
        labels: `(N,)`, 1 for sick and 0 for healthy.
        scores: `(N,)`, higher for sicker.
        sensitivity: The share of the sick to find, above 0 and at most 1.

    Returns:
        The threshold, a float: one of the scores of the sick.

    Raises:
        ValueError: If the shapes differ, a score is NaN, nobody is sick, or
            `sensitivity` is out of range.

    Examples:
        >>> threshold_at_sensitivity([1, 1, 1, 1, 0], [0.9, 0.6, 0.5, 0.1, 0.7], 0.75)
        0.5
    """
    labels, scores = np.asarray(labels), np.asarray(scores, "float64")
    if labels.shape != scores.shape or labels.ndim != 1:
        raise ValueError(
            "labels and scores must have the same shape (N,). "
            f"Received: {labels.shape} and {scores.shape}"
        )
    if np.isnan(scores).any():
        raise ValueError("scores must not be NaN. Received: NaN among them")
    if not 0 < sensitivity <= 1:
        raise ValueError(
            f"sensitivity must be above 0 and at most 1. Received: {sensitivity=}"
        )
    of_sick = np.sort(scores[labels == 1])[::-1]
    if not len(of_sick):
        raise ValueError("labels must have a 1. Received: none")
    needed = math.ceil(sensitivity * len(of_sick) - 1e-9)
    return float(of_sick[needed - 1])
