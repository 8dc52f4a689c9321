"""Points around a ring: the smallest data on which a generator can lose modes."""

import numpy as np


def ring_of_gaussians(count, modes=8, radius=1.0, deviation=0.05, seed=None):
    """Draw points from Gaussians whose centres stand evenly on a circle.

    Source: the mixture of Metz et al., "Unrolled Generative Adversarial Networks", 2017.

    Args:
        count: Number of points N.
        modes: Number of Gaussians M, each equally likely.
        radius: Radius of the circle around the origin.
        deviation: Standard deviation of a Gaussian in each coordinate.
        seed: Seed of the draw.

    Returns:
        Points `(N, 2)` float32, and the centres `(M, 2)` float32.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> points, centres = ring_of_gaussians(1000, seed=7)
        >>> points.shape, centres.shape
        ((1000, 2), (8, 2))
    """
    given = {"count": count, "modes": modes, "radius": radius, "deviation": deviation}
    for name, value in given.items():
        if not value > 0:
            raise ValueError(f"{name} must be positive. Received: {name}={value}")
    angles = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rng = np.random.default_rng(seed)
    points = centres[rng.integers(modes, size=count)]
    points = points + deviation * rng.normal(size=points.shape)
    return points.astype("float32"), centres.astype("float32")
