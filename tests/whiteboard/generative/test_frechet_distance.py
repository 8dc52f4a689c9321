import numpy as np
import pytest
from scipy.linalg import sqrtm

from whiteboard.generative import (
    extrapolated_frechet_distance,
    frechet_inception_distance,
    gaussian_frechet_distance,
    symmetric_square_root,
)


def random_covariance(size, rank=None, seed=0):
    factor = np.random.default_rng(seed).normal(size=(size, rank or 2 * size))
    return factor @ factor.T / factor.shape[1]


@pytest.mark.parametrize("size", [1, 2, 64])
def test_root_agrees_with_scipy(size):
    matrix = random_covariance(size)
    root = symmetric_square_root(matrix)
    np.testing.assert_allclose(root, sqrtm(matrix), atol=1e-10)
    np.testing.assert_allclose(root @ root, matrix, atol=1e-10)


def test_root_of_a_singular_matrix():
    matrix = random_covariance(20, rank=5)
    root = symmetric_square_root(matrix)
    np.testing.assert_allclose(root @ root, matrix, atol=1e-10)


@pytest.mark.parametrize(
    "bad", [np.ones(3), np.ones((2, 3)), [[1, 2], [3, 4]], [[np.nan]], [[np.inf]]]
)
def test_root_needs_a_symmetric_matrix(bad):
    with pytest.raises(ValueError, match="matrix must be square, symmetric and finite"):
        symmetric_square_root(bad)


def test_root_needs_no_negative_eigenvalue():
    with pytest.raises(ValueError, match="no negative eigenvalue"):
        symmetric_square_root(np.diag([1.0, -0.1]))


@pytest.mark.parametrize("seed", range(3))
def test_distance_agrees_with_the_published_formula(seed):
    rng = np.random.default_rng(seed)
    mean, other_mean = rng.normal(size=(2, 16))
    a, b = random_covariance(16, seed=seed), random_covariance(16, seed=seed + 10)
    trace = np.trace(a + b - 2 * sqrtm(a @ b)).real
    expected = ((mean - other_mean) ** 2).sum() + trace
    mine = gaussian_frechet_distance(mean, a, other_mean, b)
    assert mine == pytest.approx(expected, abs=1e-8)
    assert gaussian_frechet_distance(other_mean, b, mean, a) == pytest.approx(mine)
    assert gaussian_frechet_distance(mean, a, mean, a) == pytest.approx(0, abs=1e-9)


def test_distance_in_one_dimension_and_of_singular_covariances():
    assert gaussian_frechet_distance([0.0], [[1.0]], [3.0], [[4.0]]) == 10.0
    point = np.zeros((2, 2))
    assert gaussian_frechet_distance([0, 0], point, [3, 4], point) == 25.0
    lines = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
    assert gaussian_frechet_distance([0, 0], lines[0], [0, 0], lines[1]) == 2.0


def test_distance_of_shapes_that_do_not_fit():
    one, two = ([0.0], [[1.0]]), ([0.0, 0.0], np.eye(2))
    for arguments in [(*one, *two), (two[0], one[1], *two), (0.0, one[1], *one)]:
        with pytest.raises(ValueError, match=r"must have one shape \(D,\)"):
            gaussian_frechet_distance(*arguments)


def test_distance_of_samples():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(500, 8))
    assert frechet_inception_distance(real, real) < 1e-9
    shifted = frechet_inception_distance(real, real + 2)
    assert shifted == pytest.approx(8 * 2**2)
    scaled = frechet_inception_distance(real - real.mean(0), 3 * (real - real.mean(0)))
    assert scaled == pytest.approx(4 * np.var(real, axis=0, ddof=1).sum())
    constant = np.hstack([real, np.ones((500, 1))])
    moved = np.hstack([real, np.zeros((500, 1))])
    assert frechet_inception_distance(constant, moved) == pytest.approx(1)
    assert frechet_inception_distance(real[:, :1], real[:, :1]) < 1e-9


def test_bias_of_samples_of_one_distribution():
    size, rows = 16, 400
    rng = np.random.default_rng(0)
    distances = [
        frechet_inception_distance(*rng.normal(size=(2, rows, size))) for _ in range(20)
    ]
    expected = (2 * size + (size**2 + size) / 2) / rows
    assert np.mean(distances) == pytest.approx(expected, rel=0.1)


def test_extrapolation_takes_the_bias_away_and_keeps_the_distance():
    rng = np.random.default_rng(0)
    pairs = rng.normal(size=(40, 2, 400, 8))
    pairs[:, 1] += 0.5  # a squared distance of 2
    plain = np.mean([frechet_inception_distance(*pair) for pair in pairs])
    corrected = np.mean(
        [extrapolated_frechet_distance(*pair, seed=1) for pair in pairs]
    )
    assert plain - 2 > 0.1 and abs(corrected - 2) < 0.06


def test_too_few_samples_for_a_covariance():
    enough, few = np.random.default_rng(0).normal(size=(2, 20, 8))
    for pair in [(enough, few[:8]), (few[:8], enough), (enough, few[:1])]:
        with pytest.raises(ValueError, match="must have at least 9 rows"):
            frechet_inception_distance(*pair)
    with pytest.raises(ValueError, match="must have at least 36 rows"):
        extrapolated_frechet_distance(enough, few)
    with pytest.raises(ValueError, match="parts must be at least 2"):
        extrapolated_frechet_distance(enough[:, :2], few[:, :2], parts=1)


def test_bad_features():
    good = np.random.default_rng(0).normal(size=(20, 4))
    bad = good.copy()
    bad[3, 2] = np.nan
    with pytest.raises(ValueError, match="generated must be finite"):
        frechet_inception_distance(good, bad)
    with pytest.raises(ValueError, match="must have shape"):
        frechet_inception_distance(good, good[:, :3])
    with pytest.raises(ValueError, match="must have shape"):
        frechet_inception_distance(good[:, 0], good[:, 0])
