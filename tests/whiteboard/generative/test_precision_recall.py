import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from whiteboard.generative import (
    density_coverage,
    manifold_precision_recall,
    neighbor_radii,
)


@pytest.mark.parametrize("k", [1, 4])
def test_radii_agree_with_scikit_learn(k):
    points = np.random.default_rng(0).normal(size=(30, 3))
    trees = NearestNeighbors(n_neighbors=k).fit(points)
    distances, _ = trees.kneighbors()  # without the point itself
    np.testing.assert_allclose(neighbor_radii(points, k), distances[:, -1], rtol=1e-9)


def counts_by_loop(points, centres, k):
    """How many balls of the centres each point is in, and points each ball holds."""
    inside = np.zeros((len(points), len(centres)))
    for j, centre in enumerate(centres):
        others = [np.linalg.norm(centre - c) for i, c in enumerate(centres) if i != j]
        radius = sorted(others)[k - 1]
        inside[:, j] = [np.linalg.norm(x - centre) <= radius for x in points]
    return inside.sum(axis=1), inside.sum(axis=0)


@pytest.mark.parametrize("k", [1, 3])
def test_agrees_with_loops(k):
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(40, 2)), rng.normal(1, 0.5, size=(30, 2))
    precision, recall = manifold_precision_recall(real, generated, k)
    in_real, held = counts_by_loop(generated, real, k)
    in_generated, _ = counts_by_loop(real, generated, k)
    assert precision == pytest.approx((in_real > 0).mean())
    assert recall == pytest.approx((in_generated > 0).mean())
    density, coverage = density_coverage(real, generated, k)
    assert density == pytest.approx(in_real.mean() / k)
    assert coverage == pytest.approx((held > 0).mean())


def test_of_one_distribution():
    """Naeem et al. 2020: density 1, coverage 1 - (N-1)...(N-k) / (M+N-1)...(M+N-k)."""
    rng = np.random.default_rng(0)
    n, k = 100, 5
    scores = [density_coverage(*rng.normal(size=(2, n, 4)), k) for _ in range(100)]
    i = np.arange(1, k + 1)
    expected = 1, 1 - np.prod((n - i) / (2 * n - i))
    assert np.mean(scores, axis=0) == pytest.approx(expected, abs=0.02)


def test_dropped_mode_and_noise():
    rng = np.random.default_rng(0)
    centres = np.repeat([[0.0, 0.0], [20.0, 0.0]], 100, axis=0)
    real = centres + rng.normal(size=(200, 2))
    one_mode = rng.normal(size=(200, 2))
    precision, recall = manifold_precision_recall(real, one_mode)
    assert precision > 0.9 and 0.4 < recall < 0.55
    density, coverage = density_coverage(real, one_mode)
    assert density > 0.8 and 0.4 < coverage < 0.55
    half_noise = np.concatenate([real[::2], rng.uniform(100, 200, size=(100, 2))])
    precision, recall = manifold_precision_recall(real, half_noise)
    assert precision == 0.5 and recall > 0.9


def test_copies_are_inside_and_points_far_away_outside():
    real = np.random.default_rng(0).normal(size=(50, 3))
    assert manifold_precision_recall(real, real) == (1, 1)
    assert manifold_precision_recall(real, real + 100) == (0, 0)
    assert density_coverage(real, real + 100) == (0, 0)
    one_image = np.tile(real[:1], (50, 1))
    assert manifold_precision_recall(real, one_image) == (1, 1 / 50)


def test_bad_input():
    few, enough = np.ones((5, 2)), np.random.default_rng(0).normal(size=(20, 2))
    for score in (manifold_precision_recall, density_coverage):
        with pytest.raises(ValueError, match="neighbors must be positive"):
            score(enough, enough, neighbors=0)
        with pytest.raises(ValueError, match="real must have at least 6 rows"):
            score(few, enough, neighbors=5)
        with pytest.raises(ValueError, match="generated must be finite"):
            score(enough, enough * np.inf)
        with pytest.raises(ValueError, match="must have shape"):
            score(enough, enough[:, :1])
    with pytest.raises(ValueError, match="points must have at least 6 rows"):
        neighbor_radii(few, neighbors=5)
    with pytest.raises(ValueError, match="points must be finite"):
        neighbor_radii(enough * np.nan, neighbors=5)
    with pytest.raises(ValueError, match="generated must have at least 6 rows"):
        manifold_precision_recall(enough, few, neighbors=5)
    assert density_coverage(enough, few, neighbors=5)[0] >= 0
