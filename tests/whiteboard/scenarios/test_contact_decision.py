import numpy as np
import pytest
from sklearn.metrics import f1_score

from whiteboard.scenarios import contact_gain, contact_threshold, f1_threshold


def test_the_gain_is_the_mean_of_simulated_offers():
    rng = np.random.default_rng(0)
    leaver = rng.random(400_000) < 0.3
    accepts = leaver & (rng.random(400_000) < 0.4)
    gain = accepts * (200 - 20) - ~leaver * 20 - 3
    assert abs(contact_gain(0.3, 200, 0.4, 20, 3) - gain.mean()) < 0.5


def test_the_sum_over_a_target_group_is_neslins_profit():
    """N a {[g V + d (1 - g)] b l - d - c}, where b l is the target's churn rate."""
    left = np.array([1, 0, 0, 1, 0])
    profit = 5 * ((0.3 * 100 + 10 * (1 - 0.3)) * left.mean() - 10 - 2)
    np.testing.assert_allclose(contact_gain(left, 100, 0.3, 10, 2).sum(), profit)


@pytest.mark.parametrize("save_rate", [0.05, 0.3, 1.0])
@pytest.mark.parametrize(("incentive", "cost"), [(0, 5), (20, 0), (20, 5)])
def test_the_gain_is_zero_at_the_threshold_and_rises_through_it(
    save_rate, incentive, cost
):
    value = np.array([100.0, 250.0, 5000.0])
    terms = {"save_rate": save_rate, "incentive": incentive, "cost": cost}
    threshold = contact_threshold(value, **terms)
    fits = threshold <= 1
    at = contact_gain(threshold[fits], value[fits], **terms)
    np.testing.assert_allclose(at, 0, atol=1e-9)
    assert fits.any() and (contact_gain(1, value[fits], **terms) >= -1e-9).all()
    assert (contact_gain(1, value[~fits], **terms) < 0).all()


def test_nothing_to_gain_is_an_infinite_threshold():
    assert contact_threshold(0.0, save_rate=0.0, cost=1) == np.inf
    assert contact_threshold(100.0, save_rate=0.0, cost=1) == np.inf


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"risk": 1.5}, r"risk must be in \[0, 1\]"),
        ({"risk": [0.1, float("nan")]}, r"risk must be in \[0, 1\]"),
        (
            {"save_rate": -0.1},
            r"save_rate must be in \[0, 1\]. Received: save_rate=-0.1",
        ),
        ({"value": -1}, "value must not be negative. Received: value=-1"),
        ({"value": float("nan")}, "value must not be negative"),
        ({"incentive": -1}, "incentive must not be negative"),
        ({"cost": float("nan")}, "cost must not be negative"),
    ],
)
def test_numbers_out_of_range_are_refused(arguments, message):
    good = {"risk": 0.5, "value": 100, "save_rate": 0.3, "incentive": 5, "cost": 1}
    with pytest.raises(ValueError, match=message):
        contact_gain(**{**good, **arguments})
    if "risk" not in arguments:
        del good["risk"]
        with pytest.raises(ValueError, match=message):
            contact_threshold(**{**good, **arguments})


def test_no_customers():
    assert contact_gain([], [], 0.3).shape == (0,)


def test_no_threshold_has_a_higher_f1():
    rng = np.random.default_rng(0)
    p = rng.random(200).round(2)
    y = (rng.random(200) < p / 3).astype(int)
    best = f1_score(y, p >= f1_threshold(p, y))
    assert best == max(f1_score(y, p >= threshold) for threshold in p)


@pytest.mark.parametrize(
    ("p", "y"), [([], []), ([0.5], [0]), ([0.5], [0, 1]), ([float("nan"), 0.1], [0, 1])]
)
def test_f1_needs_a_positive_and_numbers(p, y):
    with pytest.raises(ValueError):
        f1_threshold(p, y)
