import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mean_pinball_loss

from whiteboard.scenarios import (
    interval_coverage,
    interval_score,
    mean_absolute_scaled_error,
    pinball_loss,
)

RNG = np.random.default_rng(0)


class TestMeanAbsoluteScaledError:
    def test_is_the_formula(self):
        past, actual, forecast = RNG.normal(size=(3, 24))
        scale = np.mean([abs(past[i] - past[i - 4]) for i in range(4, 24)])
        expected = np.mean(np.abs(actual - forecast)) / scale
        mine = mean_absolute_scaled_error(actual, forecast, past, period=4)
        np.testing.assert_allclose(mine, expected)

    def test_naive_on_its_own_past_is_one(self):
        past = RNG.normal(size=50)
        assert mean_absolute_scaled_error(past[1:], past[:-1], past) == 1

    def test_has_no_unit(self):
        past, actual, forecast = RNG.normal(size=(3, 24))
        mine = mean_absolute_scaled_error(actual, forecast, past)
        scaled = mean_absolute_scaled_error(9 * actual, 9 * forecast, 9 * past)
        np.testing.assert_allclose(scaled, mine)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"past": [2, 2, 2]}, "past must not repeat itself exactly with period=1"),
            ({"past": [1, 2], "period": 2}, "past must have at least 3 values"),
            ({"period": 0}, "period must be positive"),
            ({"forecast": [1.0]}, "Shapes must be equal"),
            ({"actual": [1.0, np.nan]}, "actual must be finite"),
            ({"actual": [], "forecast": []}, "actual must not be empty"),
        ],
    )
    def test_bad_input_is_refused(self, arguments, message):
        good = {"actual": [1, 2], "forecast": [1, 1], "past": [1, 3]}
        with pytest.raises(ValueError, match=message):
            mean_absolute_scaled_error(**{**good, **arguments})


class TestPinballLoss:
    @pytest.mark.parametrize("level", [0.05, 0.5, 0.9])
    def test_agrees_with_scikit_learn(self, level):
        actual, quantile = RNG.normal(size=(2, 100))
        expected = mean_pinball_loss(actual, quantile, alpha=level)
        np.testing.assert_allclose(pinball_loss(actual, quantile, level), expected)

    def test_the_true_quantile_has_the_lowest(self):
        actual = RNG.gamma(2, size=20_000)
        quantiles = np.linspace(0.1, 8, 80)
        losses = [pinball_loss(actual, np.full_like(actual, q), 0.8) for q in quantiles]
        best = quantiles[np.argmin(losses)]
        assert abs(best - stats.gamma(2).ppf(0.8)) < 0.15

    @pytest.mark.parametrize("level", [0, 1, -0.1, np.nan])
    def test_bad_level_is_refused(self, level):
        with pytest.raises(ValueError, match="level must be in"):
            pinball_loss([1], [1], level)


class TestIntervals:
    def test_coverage_counts_the_ends(self):
        assert interval_coverage([0, 1, 2, 3], [1] * 4, [2] * 4) == 0.5

    def test_coverage_of_an_infinite_interval_is_one(self):
        assert interval_coverage([0.0], [-np.inf], [np.inf]) == 1

    def test_score_is_the_pinball_losses_of_both_ends(self):
        actual = RNG.normal(size=(5, 8))
        lower, upper = np.sort(RNG.normal(size=(2, 5, 8)), axis=0)
        both = pinball_loss(actual, lower, 0.1) + pinball_loss(actual, upper, 0.9)
        score = interval_score(actual, lower, upper, coverage=0.8)
        np.testing.assert_allclose(score, 2 / 0.2 * both)

    def test_the_true_interval_scores_best(self):
        actual = RNG.normal(size=50_000)
        ends = {z: (np.full_like(actual, -z), np.full_like(actual, z)) for z in (1, 3)}
        true = stats.norm.ppf(0.95)
        best = interval_score(actual, actual * 0 - true, actual * 0 + true, 0.9)
        assert all(best < interval_score(actual, *e, 0.9) for e in ends.values())

    def test_bad_input_is_refused(self):
        with pytest.raises(ValueError, match="Shapes must be equal"):
            interval_coverage([1, 2], [0], [3])
        with pytest.raises(ValueError, match="lower must be finite"):
            interval_coverage([1], [np.nan], [3])
        with pytest.raises(ValueError, match="coverage must be in"):
            interval_score([1], [0], [2], coverage=95)
