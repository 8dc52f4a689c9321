import numpy as np
import pytest

from whiteboard.datasets import simulate_customers
from whiteboard.scenarios import customer_snapshots


@pytest.fixture(scope="module")
def panel():
    return simulate_customers(300, seed=0)


def test_a_row_is_a_customer_still_there_and_its_label_what_follows(panel):
    rows = customer_snapshots(panel, [3, 6, 9], horizon=3)
    index = 0
    for cutoff in (3, 6, 9):
        for customer, leaves in enumerate(panel.leaves):
            if leaves < cutoff:
                continue
            assert (rows.customer[index], rows.cutoff[index]) == (customer, cutoff)
            assert rows.y[index] == (leaves in (cutoff, cutoff + 1, cutoff + 2))
            known = panel.features(cutoff)[customer]
            np.testing.assert_array_equal(rows.x[index], known)
            index += 1
    assert index == len(rows.y) == len(rows.x)


def test_a_delay_reads_later_months(panel):
    rows = customer_snapshots(panel, [4], horizon=3, delay=3)
    np.testing.assert_array_equal(rows.x, panel.features(7)[rows.customer])
    honest = customer_snapshots(panel, [4], horizon=3)
    np.testing.assert_array_equal(rows.y, honest.y)


@pytest.mark.parametrize(
    ("cutoffs", "horizon"), [([10], 3), ([3, 12], 1), ([3], 10), ([], 1)]
)
def test_labels_that_are_not_known_yet_are_refused(panel, cutoffs, horizon):
    with pytest.raises(ValueError, match=r"at most num_months=12.*Received: cutoffs="):
        customer_snapshots(panel, cutoffs, horizon)


@pytest.mark.parametrize(("horizon", "delay"), [(0, 0), (3, -1), (float("nan"), 0)])
def test_windows_that_make_no_sense_are_refused(panel, horizon, delay):
    with pytest.raises(ValueError, match="Received: horizon="):
        customer_snapshots(panel, [3], horizon, delay)


def test_a_cutoff_without_a_past_is_refused(panel):
    with pytest.raises(ValueError, match="month must be from 3"):
        customer_snapshots(panel, [2], 3)
