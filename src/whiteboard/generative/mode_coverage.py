"""How many modes of a known mixture a generator reaches, how well and how evenly."""

from typing import NamedTuple

import numpy as np

from whiteboard.fundamentals import require_below_one, require_positive

# Shapes: N samples, M modes, D coordinates.


class ModeCoverage(NamedTuple):
    """What `measure_mode_coverage` found.

    Attributes:
        covered: Number of modes that get more than the threshold of all samples.
        good: Share of the samples that lie in some mode.
        balance: Entropy of the good samples over the modes, divided by log M: 1 if all
            modes get as many, 0 if one gets all or there are no good samples.
        shares: `(M,)`, the share of all samples in each mode.
    """

    covered: int
    good: float
    balance: float
    shares: np.ndarray


def measure_mode_coverage(samples, centres, deviation, radius=3.0, threshold=0.01):
    r"""Assign samples to the nearest mode, if it is near enough, and count.

    $$s_m = \frac{1}{N} \sum_i
    [m = \mathrm{argmin}_k \lVert x_i - c_k \rVert]
    \, [\lVert x_i - c_m \rVert < r \sigma]$$

    Source: samples within three deviations count as good in Srivastava et al., "VEEGAN",
    2017, and Lin et al., "PacGAN", 2018; there a mode counts from one good sample on.

    Args:
        samples: Generated points `(N, D)`.
        centres: Centres of the modes `(M, D)`.
        deviation: Standard deviation of a mode in each coordinate.
        radius: How many deviations from its centre a mode ends. In the plane a Gaussian
            has 1 - exp(-radius^2 / 2) of its mass inside: 98.9 % at 3.
        threshold: The share of all samples that a mode must exceed to be covered.

    Returns:
        `ModeCoverage(covered, good, balance, shares)`.

    Raises:
        ValueError: If the shapes do not fit, there is no sample or fewer than two modes,
            a sample is not finite, or a number is out of range.

    Examples:
        >>> real, centres = ring_of_gaussians(2000, deviation=0.05, seed=7)
        >>> measure_mode_coverage(real, centres, deviation=0.05).covered
        8
    """
    samples, centres = np.asarray(samples, "float64"), np.asarray(centres, "float64")
    _check(samples, centres)
    require_positive(deviation=deviation, radius=radius)
    require_below_one(threshold=threshold)
    distances = np.linalg.norm(samples[:, None] - centres, axis=-1)  # (N, M)
    is_good = distances.min(axis=1) < radius * deviation
    nearest = distances.argmin(axis=1)[is_good]
    counts = np.bincount(nearest, minlength=len(centres))  # (M,)
    shares = counts / len(samples)
    among_good = counts[counts > 0] / max(1, is_good.sum())
    entropy = (among_good * np.log(1 / among_good)).sum()
    covered = int((shares > threshold).sum())
    balance = float(entropy / np.log(len(centres)))
    return ModeCoverage(covered, float(is_good.mean()), balance, shares)


def _check(samples, centres):
    if samples.ndim != 2 or centres.ndim != 2 or samples.shape[1] != centres.shape[1]:
        raise ValueError(
            "samples and centres must have shapes (N, D) and (M, D). "
            f"Received: samples.shape={samples.shape}, centres.shape={centres.shape}"
        )
    if len(samples) < 1 or len(centres) < 2:
        raise ValueError(
            "mode coverage needs at least one sample and two modes. "
            f"Received: {len(samples)} samples, {len(centres)} modes"
        )
    if not (np.isfinite(samples).all() and np.isfinite(centres).all()):
        raise ValueError(
            "samples and centres must be finite. Received: NaN or infinity"
        )
