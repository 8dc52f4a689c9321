import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

from whiteboard.generative import (
    earth_mover_distance,
    jensen_shannon_divergence,
    kl_divergence,
    total_variation,
)

POINTS = np.array([-3.0, -1.0, 0.5, 0.75, 4.0, 9.0])


def on_points(p, q):
    return earth_mover_distance(p, q, np.arange(len(p)))


ALL = [kl_divergence, jensen_shannon_divergence, total_variation, on_points]


@pytest.fixture(params=range(5))
def pair(request):
    return np.random.default_rng(request.param).dirichlet(np.full(6, 0.5), size=2)


def test_divergences_match_scipy(pair):
    p, q = pair
    assert kl_divergence(p, q) == pytest.approx(entropy(p, q), abs=1e-12)
    expected = jensenshannon(p, q) ** 2
    assert jensen_shannon_divergence(p, q) == pytest.approx(expected, abs=1e-12)


def test_earth_mover_distance_matches_scipy_on_uneven_points(pair):
    p, q = pair
    expected = wasserstein_distance(POINTS, POINTS, p, q)
    assert earth_mover_distance(p, q, POINTS) == pytest.approx(expected, abs=1e-12)


def test_total_variation_is_the_most_that_an_event_differs_by(pair):
    p, q = pair
    events = (np.arange(2**6)[:, None] >> np.arange(6)) & 1
    most = np.max(events @ (p - q))
    assert total_variation(p, q) == pytest.approx(most, abs=1e-12)


@pytest.mark.parametrize("function", ALL)
def test_a_distribution_is_at_no_distance_from_itself(function):
    p = np.array([0.5, 0.0, 0.5])
    assert function(p, p) == 0.0


def test_disjoint_supports():
    p, q = [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]
    assert kl_divergence(p, q) == np.inf
    assert jensen_shannon_divergence(p, q) == pytest.approx(np.log(2))
    assert total_variation(p, q) == 1.0
    assert earth_mover_distance(p, q, [0.0, 1.0, 7.0]) == 7.0


def test_only_the_kl_divergence_has_a_direction(pair):
    p, q = pair
    assert kl_divergence(p, q) != pytest.approx(kl_divergence(q, p))
    for function in ALL[1:]:
        assert function(p, q) == pytest.approx(function(q, p), abs=1e-12)


def test_pinsker_bounds_the_total_variation(pair):
    p, q = pair
    assert total_variation(p, q) <= np.sqrt(kl_divergence(p, q) / 2) + 1e-12


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.5, 0.4], [0.5, 0.5], "p must be probabilities"),
        ([0.5, 0.5], [1.5, -0.5], "q must be probabilities"),
        ([np.nan, 0.5], [0.5, 0.5], "p must be probabilities"),
        ([], [], "p must be probabilities"),
        ([[0.5, 0.5]], [0.5, 0.5], "p must have one axis"),
        ([0.5, 0.5], [1.0], "p and q must have the same shape"),
    ],
)
def test_what_is_no_pair_of_distributions_is_refused(function, p, q, message):
    with pytest.raises(ValueError, match=message):
        function(p, q)


@pytest.mark.parametrize(
    "points", [[0.0, 1.0, 2.0], [1.0, 0.0], [1.0, 1.0], [0.0, np.nan], [[0.0, 1.0]]]
)
def test_points_that_do_not_ascend_are_refused(points):
    with pytest.raises(ValueError, match="points must be 2 ascending finite numbers"):
        earth_mover_distance([0.5, 0.5], [1.0, 0.0], points)
