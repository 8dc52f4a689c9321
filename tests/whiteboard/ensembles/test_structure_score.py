"""The formulas against a minimiser, the split search against trying everything."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from whiteboard.ensembles import (
    cut_points,
    find_split,
    leaf_score,
    leaf_weight,
    soft_threshold,
    split_gain,
)


def objective(w, gradient, hessian, reg_lambda, reg_alpha):
    return gradient * w + (hessian + reg_lambda) * w**2 / 2 + reg_alpha * abs(w)


CASES = [(-21, 6, 0, 0), (-21, 6, 1, 0), (4, 2, 1, 3), (4, 2, 0.5, 5), (0, 3, 1, 1)]


@pytest.mark.parametrize("case", CASES)
def test_leaf_weight_minimises_the_objective_and_the_score_is_what_it_saves(case):
    found = minimize_scalar(objective, args=case, options={"xtol": 1e-12})
    assert leaf_weight(*case) == pytest.approx(found.x, abs=1e-6)
    assert leaf_score(*case) == pytest.approx(-2 * found.fun, abs=1e-9)


def test_soft_threshold():
    values = soft_threshold(np.array([-5.0, -1.0, 0.0, 2.0, 3.0]), 2.0)
    np.testing.assert_array_equal(values, [-3, 0, 0, 0, 1])


def test_gain_of_a_useless_split_is_negative_with_lambda_and_zero_without():
    assert split_gain((1.0, 1.0), (1.0, 1.0), reg_lambda=0.0) == 0
    assert split_gain((1.0, 1.0), (1.0, 1.0), reg_lambda=1.0) < 0


def try_everything(values, g, h, reg_lambda, reg_alpha, min_child_weight):
    best = -np.inf
    present = np.unique(values[~np.isnan(values)])
    between = (present[1:] + present[:-1]) / 2
    for threshold in [-np.inf, *between, np.inf]:
        for missing_left in (False, True):
            left = np.where(np.isnan(values), missing_left, values < threshold)
            sides = [(g[s].sum(), h[s].sum()) for s in (left, ~left)]
            if left.all() or not left.any():
                continue
            if min(sides[0][1], sides[1][1]) >= min_child_weight:
                best = max(best, split_gain(*sides, reg_lambda, reg_alpha))
    return best


@pytest.mark.parametrize("missing", [0, 0.3, 0.9])
@pytest.mark.parametrize("penalties", [(0, 0, 0), (1, 0, 1), (2, 0.5, 3)])
def test_finds_what_trying_everything_finds(missing, penalties):
    rng = np.random.default_rng(0)
    for _ in range(20):
        values = rng.integers(8, size=30).astype(float)  # with ties
        values[rng.random(30) < missing] = np.nan
        g, h = rng.normal(size=30), rng.random(30)
        split = find_split(values, g, h, *penalties)
        best = try_everything(values, g, h, *penalties)
        assert split.gain == pytest.approx(best, rel=1e-6, abs=1e-6)
        if np.isfinite(best):
            left = np.where(
                np.isnan(values), split.missing_left, values < split.threshold
            )
            sides = [(g[s].sum(), h[s].sum()) for s in (left, ~left)]
            assert split_gain(*sides, *penalties[:2]) == pytest.approx(best, rel=1e-5)


def test_present_against_missing_is_a_candidate():
    values = np.array([2.0, 3.0, np.nan, np.nan])
    split = find_split(values, np.array([1.0, 1, -1, -1]), np.ones(4))
    assert split.threshold > 3 and not split.missing_left
    assert find_split(values, [1, 1, -1, -1], np.ones(4), directions=[True])[1] < 2


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [np.nan] * 3, [5.0]])
def test_no_cut_is_no_gain(values):
    ones = np.ones(len(values))
    assert find_split(values, ones, ones).gain == -np.inf


def test_ties_go_up_with_missing_left_and_down_with_missing_right():
    values, g = np.array([1.0, 2, 3, 4]), np.array([1.0, 0, 0, -1])
    h = np.array([1.0, 0, 0, 1])
    for direction, threshold in ((False, 1.5), (True, 3.5)):
        found = find_split(values, g, h, directions=[direction])
        assert found.threshold == threshold


def test_thresholds_part_neighbouring_floats():
    low = np.float32(1.0)
    values = np.array([low, np.nextafter(low, np.float32(2))])
    cuts = cut_points(values)
    assert cuts.dtype == np.float32
    assert [(values < cut).sum() for cut in cuts] == [0, 1, 2]


def test_thresholds_of_large_and_negative_values():
    values = np.array([-1e6, -3.0, 0.0, 1e6])
    assert [(values < cut).sum() for cut in cut_points(values)] == [0, 1, 2, 3, 4]
