"""Fidelity and diversity of a generator, told apart by nearest neighbours."""

import numpy as np
from scipy.spatial.distance import cdist

from whiteboard.fundamentals import require_positive
from whiteboard.generative.feature_samples import as_features


def neighbor_radii(points, neighbors):
    """Distance from each point to its k-th nearest other point.

    Args:
        points: Array `(N, D)`.
        neighbors: k, smaller than N.

    Returns:
        Array `(N,)`.

    Raises:
        ValueError: If `neighbors` is not positive, there are not more points than it,
            or they are not finite.

    Examples:
        >>> neighbor_radii([[0.0], [1.0], [3.0]], neighbors=1)
        array([1., 1., 2.])
    """
    require_positive(neighbors=neighbors)
    (points,) = as_features(neighbors + 1, points=points)
    distances = np.sort(cdist(points, points), axis=1)
    return distances[:, neighbors]  # column 0 is a point's distance to itself


def manifold_precision_recall(real, generated, neighbors=3):
    """The share of generated samples among the real ones, and the other way round.

    A sample's manifold is estimated by balls: around each of its points one that reaches
    to the k-th nearest other point. Precision is the share of generated points within a
    ball of the real ones, recall the share of real points within a generated ball.

    Source: Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing
    Generative Models", 2019.

    Args:
        real: Features `(N, D)` of real data.
        generated: Features `(M, D)` of generated data.
        neighbors: k, smaller than N and M.

    Returns:
        `(precision, recall)`, each from 0 to 1.

    Raises:
        ValueError: If `neighbors` is not positive, a sample has not more rows than it,
            or the features are not finite or not equally wide.

    Examples:
        >>> manifold_precision_recall(features(x_train), features(gan.sample(1000)))
    """
    real, generated = as_features(neighbors + 1, real=real, generated=generated)
    distances = cdist(generated, real)  # (M, N)
    in_real_ball = distances <= neighbor_radii(real, neighbors)
    in_generated_ball = distances <= neighbor_radii(generated, neighbors)[:, None]
    precision = in_real_ball.any(axis=1).mean()
    recall = in_generated_ball.any(axis=0).mean()
    return float(precision), float(recall)


def density_coverage(real, generated, neighbors=5):
    """Precision and recall that outliers fool less: only real points carry balls.

    Density is the mean number of real balls around a generated point, divided by k, so
    that the large ball of one real outlier adds little. Coverage is the share of real
    balls that hold a generated point. For a perfect generator density is 1 and coverage
    near it; density can be larger.

    Source: Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative
    Models", 2020.

    Args:
        real: Features `(N, D)` of real data.
        generated: Features `(M, D)` of generated data.
        neighbors: k, smaller than N.

    Returns:
        `(density, coverage)`.

    Raises:
        ValueError: If `neighbors` is not positive, `real` has not more rows than it, or
            the features are not finite or not equally wide.

    Examples:
        >>> density_coverage(features(x_train), features(gan.sample(1000)))
    """
    real, generated = as_features(real=real, generated=generated)
    as_features(neighbors + 1, real=real)
    inside = cdist(generated, real) <= neighbor_radii(real, neighbors)
    density = inside.sum(axis=1).mean() / neighbors
    coverage = inside.any(axis=0).mean()
    return float(density), float(coverage)
