import numpy as np
import pytest

from whiteboard.datasets import ring_of_gaussians


def nearest(points, centres):
    distances = np.linalg.norm(points[:, None] - centres, axis=-1)
    return distances.argmin(axis=1), distances.min(axis=1)


def test_points_lie_around_evenly_spaced_centres():
    points, centres = ring_of_gaussians(8000, seed=0)
    assert points.shape == (8000, 2) and points.dtype == np.float32
    assert centres.shape == (8, 2) and centres.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-6)
    gaps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-5)
    mode, _ = nearest(points, centres)
    shares = np.bincount(mode, minlength=8) / 8000
    np.testing.assert_allclose(shares, 1 / 8, atol=0.02)
    np.testing.assert_allclose((points - centres[mode]).std(axis=0), 0.05, rtol=0.05)


@pytest.mark.parametrize(
    ("modes", "radius", "deviation"), [(1, 2, 0.1), (5, 0.5, 0.01)]
)
def test_arguments(modes, radius, deviation):
    points, centres = ring_of_gaussians(500, modes, radius, deviation, seed=1)
    assert centres.shape == (modes, 2)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), radius, rtol=1e-6)
    mode, distance = nearest(points, centres)
    assert len(set(mode)) == modes and distance.max() < 6 * deviation


def test_a_seed_gives_the_same_points():
    first, second, other = (ring_of_gaussians(10, seed=s)[0] for s in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", ["count", "modes", "radius", "deviation"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_numbers_that_are_not_positive_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be positive. Received: {name}="):
        ring_of_gaussians(**{"count": 10, name: value})
