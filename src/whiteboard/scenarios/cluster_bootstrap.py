"""Intervals that know that scans of one patient are not independent."""

import numpy as np


def patient_bootstrap(
    statistic, patients, *arrays, num_resamples=1000, confidence=0.95, seed=0
):
    """Resample whole patients, with all their scans, and see how a statistic varies.

    The cluster bootstrap (Field & Welsh 2007), with percentile limits.

    Args:
        statistic: Function of resampled `arrays` that returns a number; NaN where it is
            not defined, such as a sensitivity without sick patients.
        patients: `(N,)`, whom each scan is of.
        *arrays: Arrays of length N.
        num_resamples: How often to draw as many patients as there are, with replacement.
        confidence: Between 0 and 1.
        seed: An integer or a `numpy.random.Generator`.

    Returns:
        `low, high`.

    Raises:
        ValueError: If the lengths differ, there are fewer than two patients, or a number
            is out of range.

    Examples:
        >>> patient_bootstrap(np.mean, scans.patients[sick], found[sick])
        (0.71, 0.93)
    """
    patients = np.asarray(patients)
    arrays = [np.asarray(array) for array in arrays]
    if not arrays or any(len(array) != len(patients) for array in arrays):
        raise ValueError(
            f"arrays must have the length of patients, {len(patients)}. "
            f"Received: {[len(array) for array in arrays]}"
        )
    if num_resamples < 1 or not 0 < confidence < 1:
        raise ValueError(
            "num_resamples must be positive and confidence between 0 and 1. "
            f"Received: {num_resamples=}, {confidence=}"
        )
    order = np.argsort(patients, kind="stable")
    _, first = np.unique(patients[order], return_index=True)
    scans_of = np.split(order, first[1:])
    if len(scans_of) < 2:
        raise ValueError(
            f"patients must be at least two. Received: {len(scans_of)} of them"
        )
    rng, values = np.random.default_rng(seed), []
    for _ in range(num_resamples):
        drawn = rng.integers(len(scans_of), size=len(scans_of))
        scans = np.concatenate([scans_of[i] for i in drawn])
        values.append(statistic(*(array[scans] for array in arrays)))
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)
