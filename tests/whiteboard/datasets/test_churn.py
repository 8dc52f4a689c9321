from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from whiteboard.datasets import (
    CUSTOMER_FEATURES,
    contact_customers,
    simulate_customers,
)


@pytest.fixture(scope="module")
def panel():
    return simulate_customers(20_000, seed=0)


def test_a_seed_gives_the_same_customers():
    first, second, other = (simulate_customers(50, seed=s) for s in (3, 3, 4))
    for name in vars(first):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert not np.array_equal(first.usage, other.usage)


def test_shapes_and_ranges(panel):
    n, months = 20_000, 12
    for name in ("usage", "tickets", "risk", "effect"):
        assert getattr(panel, name).shape == (n, months)
    assert panel.num_months == months
    assert np.isnan(panel.risk[:, :3]).all() and np.isnan(panel.effect[:, :3]).all()
    assert ((panel.risk[:, 3:] > 0) & (panel.risk[:, 3:] < 1)).all()
    assert panel.leaves.min() == 3 and panel.leaves.max() == months
    assert set(panel.yearly) == {0, 1} and panel.fee.min() > 0


def test_customers_leave_as_often_as_their_risk_says(panel):
    for month in (3, 6, 11):
        there = panel.leaves >= month
        for low, high in [(0, 0.05), (0.05, 0.1), (0.1, 0.3)]:
            risk = panel.risk[:, month]
            rows = there & (risk >= low) & (risk < high)
            left = (panel.leaves[rows] == month).mean()
            error = 4 * np.sqrt(high / rows.sum())
            assert abs(left - risk[rows].mean()) < error


def test_who_left_is_silent_and_who_stays_is_not(panel):
    after = np.arange(12) >= panel.leaves[:, None]
    assert not panel.usage[after].any() and not panel.tickets[after].any()
    assert (panel.usage[~after] > 0).mean() > 0.99


def test_the_linear_truth_is_a_logistic_regression_on_the_features(panel):
    there = panel.leaves >= 7
    level, trend, tickets, yearly, years = panel.features(7)[there].T
    signal = -0.6 * level - trend + 0.4 * (tickets - 1) - 0.8 * yearly - 0.1 * years
    np.testing.assert_allclose(logit(panel.risk[there, 7]), signal - 2.5, rtol=1e-9)


def test_the_interacting_truth():
    panel = simulate_customers(500, truth="interacting", log_odds=-1, seed=1)
    level, trend, tickets, yearly, _ = panel.features(3).T
    signal = 1.2 * level * (1 - 2 * yearly) - 1.5 * trend * (tickets - 1)
    np.testing.assert_allclose(logit(panel.risk[:, 3]), signal - 1, rtol=1e-9)


def test_drift_turns_level_and_tickets_around():
    panel = simulate_customers(500, drift=1, seed=1)
    there = panel.leaves >= 11
    level, trend, tickets, yearly, years = panel.features(11)[there].T
    signal = 0.6 * level - trend - 0.4 * (tickets - 1) - 0.8 * yearly - 0.1 * years
    np.testing.assert_allclose(logit(panel.risk[there, 11]), signal - 2.5, rtol=1e-9)


def test_features_read_the_three_months_before(panel):
    x = panel.features(6)
    hours = np.log1p(panel.usage[:, 3:6])
    assert x.shape == (20_000, len(CUSTOMER_FEATURES))
    np.testing.assert_allclose(x[:, 0], hours.mean(1) - 3)
    np.testing.assert_allclose(x[:, 1], hours[:, 2] - hours[:, 0])
    np.testing.assert_allclose(x[:, 2], panel.tickets[:, 3:6].sum(1))
    np.testing.assert_allclose(x[:, 4], (panel.tenure + 6) / 12)
    later = replace(panel, usage=panel.usage.copy(), tickets=panel.tickets.copy())
    later.usage[:, 6:], later.tickets[:, 6:] = 99, 99
    np.testing.assert_array_equal(later.features(6), x)


@pytest.mark.parametrize("month", [2, 13, float("nan")])
def test_months_without_features_are_refused(panel, month):
    with pytest.raises(ValueError, match="month must be from 3 to num_months=12"):
        panel.features(month)


@pytest.mark.parametrize("effect", ["varied", "equal"])
def test_a_contact_changes_the_log_odds_by_the_effect(effect):
    panel = simulate_customers(60_000, effect=effect, seed=2)
    for contacted in (False, True):
        left = contact_customers(panel, 3, np.full(60_000, contacted), seed=5)
        risk = expit(logit(panel.risk[:, 3]) + contacted * panel.effect[:, 3])
        for value in set(panel.effect[:, 3]):
            rows = panel.effect[:, 3] == value
            assert abs(left[rows].mean() - risk[rows].mean()) < 0.01
    np.testing.assert_allclose(panel.uplift(3), panel.risk[:, 3] - risk)


def test_the_varied_effect_has_its_three_groups(panel):
    x = panel.features(3)
    persuadable = (x[:, 2] >= 2) & (x[:, 1] > np.log(0.5))
    asleep = (x[:, 2] < 2) & (x[:, 3] == 1) & (x[:, 0] < 0)
    np.testing.assert_array_equal(panel.effect[:, 3] == -1.5, persuadable)
    np.testing.assert_array_equal(panel.effect[:, 3] == 1, asleep)


def test_who_is_gone_does_not_leave_again(panel):
    left = contact_customers(panel, 9, np.zeros(20_000), seed=1)
    assert not left[panel.leaves < 9].any() and left.any()


@pytest.mark.parametrize("month", [2, 12])
def test_contacts_need_a_month_with_a_truth(panel, month):
    with pytest.raises(ValueError, match="month must be from 3 to 11"):
        contact_customers(panel, month, np.zeros(20_000))


def test_contacts_need_one_mark_a_customer(panel):
    with pytest.raises(ValueError, match=r"contacted must have shape \(20000,\)"):
        contact_customers(panel, 3, np.zeros(5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_customers": 0}, "num_customers must be at least 1. Received"),
        ({"num_months": 3}, "num_months must be at least 4. Received"),
        ({"truth": "cubic"}, "truth must be .* Received: truth='cubic'"),
        ({"effect": "none"}, "effect must be .* Received: effect='none'"),
        ({"drift": 1.5}, r"drift must be in \[0, 1\]. Received: drift=1.5"),
        ({"drift": float("nan")}, r"drift must be in \[0, 1\]"),
        ({"log_odds": float("nan")}, "log_odds must be finite"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate_customers(**{"num_customers": 10, **arguments})


def test_one_customer():
    assert simulate_customers(1, num_months=4, seed=0).features(4).shape == (1, 5)
