import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import jensenshannon

from whiteboard.generative import game_value, optimal_discriminator

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.dirichlet(np.ones(20), size=2)


@pytest.mark.parametrize("target", [1.0, 0.9])
def test_no_other_answer_is_better(target):
    best = optimal_discriminator(REAL, FAKE, target)
    for p, q, answer in zip(REAL, FAKE, best, strict=True):

        def loss(d, p=p, q=q):
            cross_entropy = target * np.log(d) + (1 - target) * np.log(1 - d)
            return -p * cross_entropy - q * np.log(1 - d)

        found = minimize_scalar(loss, bounds=(1e-9, 1 - 1e-9), method="bounded")
        assert answer == pytest.approx(found.x, abs=1e-4)


def test_is_one_half_for_equal_distributions_and_sure_for_disjoint_ones():
    np.testing.assert_allclose(optimal_discriminator(REAL, REAL), 0.5)
    np.testing.assert_array_equal(
        optimal_discriminator([1, 0, 0], [0, 1, 0])[:2], [1, 0]
    )


def test_is_undecided_where_neither_occurs():
    assert np.isnan(optimal_discriminator([1.0, 0.0], [1.0, 0.0])[1])


def test_the_value_at_the_optimum_is_the_jensen_shannon_divergence():
    value = game_value(optimal_discriminator(REAL, FAKE), REAL, FAKE)
    assert value == pytest.approx(2 * jensenshannon(REAL, FAKE) ** 2 - np.log(4))


def test_the_value_of_special_cases():
    assert game_value(np.full(20, 0.5), REAL, FAKE) == pytest.approx(-np.log(4))
    real, fake = [0.5, 0.5, 0, 0], [0, 0, 1, 0]
    assert game_value(optimal_discriminator(real, fake), real, fake) == 0
    assert game_value([0.0, 0.5, 0.5, 0.5], real, fake) == -np.inf


@pytest.mark.parametrize("bad", [[], [np.nan, 1.0], [-0.5, 1.5], [np.inf, 0.0]])
@pytest.mark.parametrize("name", ["real", "fake"])
def test_bad_densities_are_refused(name, bad):
    densities = {"real": [0.5, 0.5], "fake": [0.5, 0.5], name: bad}
    message = f"{name} must be finite, not negative and not empty. Received: {name}="
    with pytest.raises(ValueError, match=message):
        optimal_discriminator(**densities)
    with pytest.raises(ValueError, match=message):
        game_value([0.5, 0.5], **densities)


@pytest.mark.parametrize("target", [0, 1.1, float("nan")])
def test_bad_targets_are_refused(target):
    with pytest.raises(ValueError, match=r"real_target must be in \(0, 1\]. Received"):
        optimal_discriminator(REAL, FAKE, target)


def test_what_does_not_sum_to_one_is_refused():
    with pytest.raises(ValueError, match="fake must sum to 1. Received: a sum of 2.0"):
        game_value([0.5, 0.5], [0.5, 0.5], [1.0, 1.0])


@pytest.mark.parametrize("answers", [[-0.1, 0.5], [0.5, 1.1], [0.5, np.nan]])
def test_answers_that_are_no_probabilities_are_refused(answers):
    with pytest.raises(ValueError, match=r"discriminator must be in \[0, 1\]"):
        game_value(answers, [0.5, 0.5], [0.5, 0.5])
