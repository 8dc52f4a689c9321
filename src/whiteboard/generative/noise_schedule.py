"""Noise schedules: how fast a diffusion process turns data into noise."""

import numpy as np

from whiteboard.fundamentals import require_positive

# Shapes: T steps.


def linear_schedule(steps, first=1e-4, last=0.02):
    """Variances that grow linearly; the defaults are meant for 1000 steps.

    Source: Ho et al., "Denoising Diffusion Probabilistic Models", 2020, section 4.

    Args:
        steps: Number of steps T.
        first: Variance of the noise of step 1.
        last: Variance of the noise of step T.

    Returns:
        The variances beta, a float64 array `(T,)`.

    Raises:
        ValueError: If a number is not positive.
    """
    require_positive(steps=steps, first=first, last=last)
    return np.linspace(first, last, steps)


def cosine_schedule(steps, offset=0.008, largest=0.999):
    r"""Variances for which the signal falls as the square of a cosine.

    $$\bar\alpha_t = \frac{f(t)}{f(0)}, \quad
    f(t) = \cos^2 \left( \frac{t / T + s}{1 + s} \cdot \frac{\pi}{2} \right)$$

    Source: Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic Models",
    2021, section 3.2.

    Args:
        steps: Number of steps T.
        offset: s, which keeps the first variances from being tiny.
        largest: Upper limit of a variance.

    Returns:
        The variances beta, a float64 array `(T,)`.

    Raises:
        ValueError: If `steps` is not positive.
    """
    require_positive(steps=steps)
    time = np.arange(steps + 1) / steps
    signal = np.cos((time + offset) / (1 + offset) * np.pi / 2) ** 2
    return np.minimum(1 - signal[1:] / signal[:-1], largest)


def alpha_bars(betas):
    r"""Share of the data's variance that is left after each number of steps.

    $$\bar\alpha_t = \prod_{s=1}^{t} (1 - \beta_s), \quad \bar\alpha_0 = 1$$

    Source: Ho et al. 2020, equation 4.

    Args:
        betas: Variances `(T,)` of a schedule.

    Returns:
        A float64 array `(T + 1,)`, so that the index is the number of steps.

    Raises:
        ValueError: If `betas` is not one row of numbers between 0 and 1.
    """
    betas = np.asarray(betas, "float64")
    if betas.ndim != 1 or not betas.size or not np.all((betas > 0) & (betas < 1)):
        raise ValueError(
            "betas must be a row of numbers between 0 and 1, both excluded. "
            f"Received: betas={betas}"
        )
    return np.concatenate([[1.0], np.cumprod(1 - betas)])
