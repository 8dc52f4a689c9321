"""Kernel inception distance: two samples of features, compared without a Gaussian."""

from whiteboard.generative.feature_samples import as_features


def kernel_inception_distance(real, generated):
    r"""Squared maximum mean discrepancy under a cubic kernel, unbiased at any N.

    $$k(x, y) = \left( \frac{x \cdot y}{D} + 1 \right)^3, \quad
    \mathbb{E}\,k(x, x') + \mathbb{E}\,k(y, y') - 2\,\mathbb{E}\,k(x, y)$$

    x and x' are two different real samples, y and y' two different generated ones. Its
    mean is 0 if both have the same distribution, so it can be negative.

    Source: Binkowski et al., "Demystifying MMD GANs", 2018.

    Args:
        real: Features `(N, D)` of real data, at least 2.
        generated: Features `(M, D)` of generated data, at least 2.

    Returns:
        A number.

    Raises:
        ValueError: If a sample has fewer than 2 rows, or the features are not finite or
            not equally wide.

    Examples:
        >>> kernel_inception_distance(features(x_train), features(gan.sample(1000)))
    """
    real, generated = as_features(2, real=real, generated=generated)

    def kernel(x, y):
        return (x @ y.T / x.shape[1] + 1) ** 3

    def mean_of_pairs(x):  # of two different samples, so without the diagonal
        values = kernel(x, x)
        return (values.sum() - values.trace()) / (len(x) * (len(x) - 1))

    across = kernel(real, generated).mean()
    return float(mean_of_pairs(real) + mean_of_pairs(generated) - 2 * across)
