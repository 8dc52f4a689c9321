import numpy as np
import pytest
from sklearn.model_selection import GroupShuffleSplit

from whiteboard.scenarios import split_by_patient

PATIENTS = np.random.default_rng(7).permutation(np.arange(100).repeat(3))
LABELS = (PATIENTS % 5 == 0).astype(int)


def test_no_patient_stands_on_both_sides_and_no_scan_is_lost():
    train, test = split_by_patient(PATIENTS, LABELS, 0.25, seed=7)
    assert not np.intersect1d(PATIENTS[train], PATIENTS[test]).size
    np.testing.assert_array_equal(np.union1d(train, test), np.arange(300))


def test_as_many_sick_patients_as_their_share():
    for seed in range(5):
        _, test = split_by_patient(PATIENTS, LABELS, 0.25, seed=seed)
        assert LABELS[test].sum() == 5 * 3 and len(test) == 25 * 3


def test_sizes_are_those_of_scikit_learn():
    splitter = GroupShuffleSplit(1, test_size=0.25, random_state=7)
    ((train, test),) = splitter.split(PATIENTS, LABELS, PATIENTS)
    assert [len(side) for side in split_by_patient(PATIENTS, LABELS, 0.25)] == [
        len(train),
        len(test),
    ]


def test_a_patient_with_one_positive_scan_is_sick():
    patients = np.arange(8).repeat(2)
    labels = np.where(np.arange(16) % 4 == 0, 1, 0)  # of every second patient, one scan
    for seed in range(10):
        train, test = split_by_patient(patients, labels, 0.5, seed)
        assert labels[train].sum() == labels[test].sum() == 2


def test_the_seed_counts():
    one, again, other = (
        split_by_patient(PATIENTS, LABELS, seed=seed)[1] for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("patients", "labels", "fraction", "message"),
    [
        ([1, 2], [0, 1, 1], 0.5, "same shape"),
        ([1, 2, 3, 4], [0, 0, 1, 1], 1.0, "between 0 and 1"),
        ([1, 2, 3, 4], [0, 0, 1, 1], np.nan, "between 0 and 1"),
        ([1, 2, 3, 4], [0, 0, 0, 1], 0.5, "each side needs sick patients"),
        ([1, 2, 3, 4], [1, 1, 1, 1], 0.5, "each side needs healthy patients"),
    ],
)
def test_bad_arguments_are_refused(patients, labels, fraction, message):
    with pytest.raises(ValueError, match=message):
        split_by_patient(patients, labels, fraction)
