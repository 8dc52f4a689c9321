"""Split scans so that no patient stands on both sides."""

import numpy as np


def split_by_patient(patients, labels, test_fraction=0.25, seed=0):
    """Draw patients for the test set, of the sick and of the healthy the same share.

    A patient with a positive scan counts as sick. All scans of a patient go to the same
    side.

    Args:
        patients: `(N,)`, whom each scan is of.
        labels: `(N,)`, 1 or 0.
        test_fraction: Share of the patients in the test set, between 0 and 1.
        seed: An integer or a `numpy.random.Generator`.

    Returns:
        `train, test`: integer arrays of the places of scans, in order.

    Raises:
        ValueError: If the lengths differ, `test_fraction` is out of range, or a side
            would be left without sick or without healthy patients.

    Examples:
        >>> split_by_patient([1, 1, 2, 3, 4, 4], [0, 0, 1, 0, 1, 1], 0.5, seed=7)
        (array([0, 1, 2]), array([3, 4, 5]))
    """
    patients, labels = np.asarray(patients), np.asarray(labels)
    if patients.shape != labels.shape or patients.ndim != 1:
        raise ValueError(
            "patients and labels must have the same shape (N,). "
            f"Received: {patients.shape} and {labels.shape}"
        )
    if not 0 < test_fraction < 1:
        raise ValueError(
            f"test_fraction must be between 0 and 1. Received: {test_fraction=}"
        )
    rng = np.random.default_rng(seed)
    sick = np.unique(patients[labels == 1])
    healthy = np.setdiff1d(patients, sick)
    held_out = []
    for group, name in [(sick, "sick"), (healthy, "healthy")]:
        count = round(test_fraction * len(group))
        if not 0 < count < len(group):
            raise ValueError(
                f"each side needs {name} patients. Received: {len(group)} of them and "
                f"{test_fraction=}"
            )
        held_out.extend(rng.permutation(group)[:count])
    in_test = np.isin(patients, held_out)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
