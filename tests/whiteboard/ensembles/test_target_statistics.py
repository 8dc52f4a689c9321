"""The statistics against the paper's sums, and what each of them sees."""

import numpy as np
import pytest

from whiteboard.ensembles import (
    leave_one_out_statistic,
    ordered_target_statistic,
    target_statistic,
)

rng = np.random.default_rng(0)
CATEGORIES = rng.choice(["a", "b", "c", "d"], size=60, p=[0.5, 0.3, 0.15, 0.05])
TARGETS = rng.normal(size=60)
ORDER = rng.permutation(60)


def by_hand(rows_of, prior, weight):
    encoded = []
    for k in range(60):
        rows = [j for j in rows_of(k) if CATEGORIES[j] == CATEGORIES[k]]
        encoded.append((sum(TARGETS[rows]) + weight * prior) / (len(rows) + weight))
    return encoded


@pytest.mark.parametrize("weight", [0.1, 1, 10])
def test_each_statistic_is_the_paper_s_sum(weight):
    place = np.argsort(ORDER)
    np.testing.assert_allclose(
        target_statistic(CATEGORIES, TARGETS, 0.3, CATEGORIES, weight),
        by_hand(lambda k: range(60), 0.3, weight),
    )
    np.testing.assert_allclose(
        leave_one_out_statistic(CATEGORIES, TARGETS, 0.3, weight),
        by_hand(lambda k: [j for j in range(60) if j != k], 0.3, weight),
    )
    np.testing.assert_allclose(
        ordered_target_statistic(CATEGORIES, TARGETS, 0.3, ORDER, weight),
        by_hand(lambda k: np.flatnonzero(place < place[k]), 0.3, weight),
    )


def test_an_ordered_value_does_not_move_with_its_own_or_a_later_target():
    before = ordered_target_statistic(CATEGORIES, TARGETS, 0.3, ORDER)
    for place in (0, 20, 59):
        changed = TARGETS.copy()
        changed[ORDER[place:]] += 100
        after = ordered_target_statistic(CATEGORIES, changed, 0.3, ORDER)
        np.testing.assert_array_equal(
            after[ORDER[: place + 1]], before[ORDER[: place + 1]]
        )


def test_unseen_categories_get_the_prior():
    encoded = target_statistic(["a", "b"], [1.0, 2.0], 0.3, ["z", "a"], 1)
    np.testing.assert_allclose(encoded, [0.3, 0.65])
    assert target_statistic([], [], 0.3, ["z"]) == [0.3]


def test_numbers_are_categories_too():
    encoded = target_statistic([3, 3, 7], [1, 0, 1], 0.5, np.array([7, 3, 4]))
    np.testing.assert_allclose(encoded, [0.75, 0.5, 0.5])


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [1, 2, 3]])
def test_an_order_that_is_no_permutation_is_refused(order):
    with pytest.raises(ValueError, match="order must be a permutation"):
        ordered_target_statistic(["a"] * 3, [1, 0, 1], 0.5, order)


@pytest.mark.parametrize("statistic", [leave_one_out_statistic, target_statistic])
def test_bad_input_is_refused(statistic):
    more = (["a"],) if statistic is target_statistic else ()
    with pytest.raises(ValueError, match="two lists of one length"):
        statistic(["a", "b"], [1.0], 0.5, *more)
    with pytest.raises(ValueError, match="targets must be finite"):
        statistic(["a", "b"], [1.0, np.nan], 0.5, *more)
    with pytest.raises(ValueError, match="prior_weight must be positive. Received: 0"):
        statistic(["a", "b"], [1.0, 0.0], 0.5, *more, prior_weight=0)
