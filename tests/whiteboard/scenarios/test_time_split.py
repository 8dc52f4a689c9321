import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import TimeSeriesSplit, cross_val_score

from whiteboard.scenarios import PurgedTimeSplit


@pytest.mark.parametrize("horizon", [1, 2, 4])
@pytest.mark.parametrize("n_splits", [1, 3])
def test_trains_only_on_labels_known_at_the_tested_cutoff(horizon, n_splits):
    cutoffs = np.random.default_rng(0).integers(3, 12, size=200)
    splits = list(PurgedTimeSplit(horizon, n_splits).split(cutoffs, None, cutoffs))
    assert len(splits) == n_splits
    tested = [set(cutoffs[test]) for _, test in splits]
    assert tested == [{c} for c in sorted(set(cutoffs))[-n_splits:]]
    for (train, test), (cutoff,) in zip(splits, tested, strict=True):
        expected = [i for i, c in enumerate(cutoffs) if c + horizon <= cutoff]
        assert list(train) == expected
        assert list(test) == [i for i, c in enumerate(cutoffs) if c == cutoff]


def test_one_row_a_cutoff_is_scikit_learns_split_with_a_gap():
    months = np.arange(10)
    mine = PurgedTimeSplit(horizon=3, n_splits=4).split(months, groups=months)
    theirs = TimeSeriesSplit(n_splits=4, gap=2, test_size=1).split(months)
    for (train, test), (their_train, their_test) in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(train, their_train)
        np.testing.assert_array_equal(test, their_test)


def test_is_a_splitter_for_scikit_learn():
    rng = np.random.default_rng(0)
    x, y, cutoffs = (
        rng.normal(size=(90, 2)),
        np.arange(90) % 2,
        np.repeat([3, 4, 5], 30),
    )
    split = PurgedTimeSplit(horizon=1, n_splits=2)
    scores = cross_val_score(LogisticRegression(), x, y, groups=cutoffs, cv=split)
    assert scores.shape == (2,) and split.get_n_splits() == 2


@pytest.mark.parametrize(("horizon", "n_splits"), [(0, 1), (1, 0), (float("nan"), 1)])
def test_bad_numbers_are_refused(horizon, n_splits):
    with pytest.raises(ValueError, match="horizon and n_splits must be at least 1"):
        PurgedTimeSplit(horizon, n_splits)


@pytest.mark.parametrize("groups", [None, [3, 4]])
def test_rows_without_cutoffs_are_refused(groups):
    with pytest.raises(ValueError, match="groups must be the 3 cut-offs"):
        list(PurgedTimeSplit(1).split(np.zeros((3, 1)), groups=groups))


def test_nothing_known_is_refused():
    cutoffs = [3, 4, 5]
    with pytest.raises(ValueError, match="No label was known at cut-off 5"):
        list(PurgedTimeSplit(horizon=3).split(cutoffs, groups=cutoffs))
