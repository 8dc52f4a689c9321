"""Frechet inception distance: two samples of features, compared as two Gaussians."""

import numpy as np

from whiteboard.generative.feature_samples import as_features

# Shapes: N samples, D features.


def symmetric_square_root(matrix):
    """The symmetric R with R R = matrix, by eigenvalues, also where it is singular.

    Args:
        matrix: Symmetric array `(D, D)` without negative eigenvalues.

    Returns:
        Array `(D, D)`.

    Raises:
        ValueError: If the matrix is not square, not symmetric, not finite, or has an
            eigenvalue below zero by more than rounding.

    Examples:
        >>> symmetric_square_root(np.array([[4.0, 0.0], [0.0, 9.0]]))
        array([[2., 0.],
               [0., 3.]])
    """
    matrix = np.asarray(matrix, dtype="float64")
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    if not (square and np.isfinite(matrix).all() and np.allclose(matrix, matrix.T)):
        raise ValueError(
            "matrix must be square, symmetric and finite. "
            f"Received: shape={matrix.shape}"
        )
    eigenvalues, vectors = np.linalg.eigh(matrix)
    if eigenvalues.min() < -1e-6 * np.abs(eigenvalues).max():
        raise ValueError(
            "matrix must have no negative eigenvalue. "
            f"Received: a smallest one of {eigenvalues.min():.2g}"
        )
    return vectors * np.sqrt(np.maximum(eigenvalues, 0)) @ vectors.T


def gaussian_frechet_distance(mean, covariance, other_mean, other_covariance):
    r"""Squared 2-Wasserstein distance between two Gaussians.

    $$|\mu - \mu'|^2 + \mathrm{tr}(\Sigma + \Sigma' - 2 (\Sigma \Sigma')^{1/2})$$

    The trace of $(\Sigma \Sigma')^{1/2}$ is the sum of the singular values of
    $\Sigma^{1/2} \Sigma'^{1/2}$: no root of a matrix that is not symmetric is needed.

    Source: Dowson and Landau, "The Frechet distance between multivariate normal
    distributions", 1982.

    Args:
        mean: Array `(D,)`.
        covariance: Array `(D, D)`.
        other_mean: Array `(D,)`.
        other_covariance: Array `(D, D)`.

    Returns:
        Number of at least 0.

    Raises:
        ValueError: If the shapes do not fit, or a covariance is not symmetric or has a
            negative eigenvalue.

    Examples:
        >>> gaussian_frechet_distance([0.0], [[1.0]], [3.0], [[4.0]])
        10.0
    """
    root = symmetric_square_root(covariance)
    other_root = symmetric_square_root(other_covariance)
    shapes = [np.shape(x) for x in (mean, root[0], other_mean, other_root[0])]
    if len(set(shapes)) > 1:
        raise ValueError(
            "means and the rows of covariances must have one shape (D,). "
            f"Received: {shapes}"
        )
    trace_of_root = np.linalg.svd(root @ other_root, compute_uv=False).sum()
    between_means = np.sum(np.subtract(mean, other_mean) ** 2)
    distance = between_means + np.trace(covariance) + np.trace(other_covariance)
    return float(max(distance - 2 * trace_of_root, 0.0))


def frechet_inception_distance(real, generated):
    """Fit a Gaussian to each sample and measure the distance between the two.

    With features of Inception-v3 it is the FID that papers report; with those of another
    network only comparable to itself. Comparable also only at equal numbers of samples,
    since it is biased upwards by about a constant divided by N.

    Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
    Local Nash Equilibrium", 2017.

    Args:
        real: Features `(N, D)` of real data.
        generated: Features `(M, D)` of generated data.

    Returns:
        Number of at least 0.

    Raises:
        ValueError: If a sample has not more rows than features, which leaves its
            covariance singular, or the features are not finite or not equally wide.

    Examples:
        >>> frechet_inception_distance(features(x_train), features(gan.sample(1000)))
    """
    real, generated = as_features(real=real, generated=generated)
    real, generated = as_features(real.shape[1] + 1, real=real, generated=generated)
    return gaussian_frechet_distance(
        real.mean(axis=0),
        np.atleast_2d(np.cov(real, rowvar=False)),
        generated.mean(axis=0),
        np.atleast_2d(np.cov(generated, rowvar=False)),
    )


def extrapolated_frechet_distance(real, generated, parts=4, seed=None):
    r"""Estimate the distance that infinitely many samples would have.

    The distance of N samples is close to a line in $1/N$. Measure it on whole samples,
    on halves, thirds and so on, and read the line at $1/N = 0$. The result may be
    slightly negative.

    Source: Chong and Forsyth, "Effectively Unbiased FID and Inception Score and where to
    find them", 2020. They keep the real sample whole; here both are cut, which takes the
    bias of both away.

    Args:
        real: Features `(N, D)` of real data.
        generated: Features `(M, D)` of generated data.
        parts: Into how many parts to cut at most.
        seed: Seed of the order in which the rows are dealt out.

    Returns:
        A number.

    Raises:
        ValueError: If there are fewer than 2 parts, or a part has not more rows than
            features.

    Examples:
        >>> extrapolated_frechet_distance(real, generated, seed=7)
    """
    real, generated = as_features(real=real, generated=generated)
    if not parts >= 2:
        raise ValueError(f"parts must be at least 2. Received: parts={parts}")
    needed = parts * (real.shape[1] + 1)
    real, generated = as_features(needed, real=real, generated=generated)
    rows = min(len(real), len(generated))
    rng = np.random.default_rng(seed)
    real, generated = rng.permutation(real)[:rows], rng.permutation(generated)[:rows]
    counts = np.arange(1, parts + 1)
    distances = []
    for count in counts:
        pairs = zip(*(np.array_split(x, count) for x in (real, generated)), strict=True)
        distances.append(np.mean([frechet_inception_distance(*pair) for pair in pairs]))
    line = np.polynomial.Polynomial.fit(counts / rows, distances, deg=1)
    return float(line(0.0))
