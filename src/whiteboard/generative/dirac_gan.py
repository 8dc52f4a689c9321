"""The smallest adversarial game: one number against one number."""

import numpy as np
from scipy.special import expit

from whiteboard.fundamentals import require_not_negative, require_positive

# For each loss, its slope in the logit of a fake: the discriminator's, the generator's.
LOGIT_SLOPES = {
    "minimax": (expit, lambda logit: -expit(logit)),
    "non_saturating": (expit, lambda logit: -expit(-logit)),
    "wasserstein": (np.ones_like, lambda logit: -np.ones_like(logit)),
}


def dirac_gan_gradients(
    theta, psi, loss="non_saturating", penalty=0.0, target_slope=0.0
):
    r"""Gradients of both players' losses where all data are 0 and all fakes theta.

    The discriminator is a line through the origin, $D(x) = \psi x$, so real data always
    have the logit 0 and fakes $\psi \theta$; the only equilibrium is $(0, 0)$. The
    discriminator also minimizes $\frac{\gamma}{2} (|\psi| - t)^2$, for its slope is
    $\psi$ everywhere: R1 and R2 with $t = 0$, the penalty of WGAN-GP with $t = 1$.

    Source: Mescheder et al., "Which Training Methods for GANs do actually Converge?",
    2018, definition 2.1 (with the discriminator's sign as in Goodfellow et al. 2014).

    Args:
        theta: The generator, a number or array.
        psi: The discriminator, a number or array that broadcasts with `theta`.
        loss: `"minimax"`, `"non_saturating"` or `"wasserstein"`.
        penalty: Weight of the penalty, gamma.
        target_slope: The slope t that costs nothing.

    Returns:
        The generator's gradient with respect to theta, and the discriminator's with
        respect to psi, float64.

    Raises:
        ValueError: If the loss has no such name, or a number is negative.

    Examples:
        >>> dirac_gan_gradients(theta=1.0, psi=0.0)
        (-0.0, 0.5)
    """
    if loss not in LOGIT_SLOPES:
        raise ValueError(
            f"loss must be one of {', '.join(LOGIT_SLOPES)}. Received: loss={loss!r}"
        )
    require_not_negative(penalty=penalty, target_slope=target_slope)
    theta, psi = np.asarray(theta, "float64"), np.asarray(psi, "float64")
    discriminator_slope, generator_slope = LOGIT_SLOPES[loss]
    logit = psi * theta
    excess = np.sign(psi) * (np.abs(psi) - target_slope)
    return (
        generator_slope(logit) * psi,
        discriminator_slope(logit) * theta + penalty * excess,
    )


def dirac_gan_trajectory(
    learning_rates=(0.05, 0.05),
    steps=1000,
    alternating=False,
    start=(1.0, 1.0),
    **options,
):
    """Gradient descent of both players from a start.

    Args:
        learning_rates: Step sizes of the generator and of the discriminator.
        steps: Number of steps T.
        alternating: Whether the generator sees the discriminator's new value, as in
            `GAN`, or both move at once.
        start: The first theta and psi, numbers or arrays of one shape.
        **options: Passed to `dirac_gan_gradients`: `loss`, `penalty`, `target_slope`.

    Returns:
        Array `(T + 1, 2)` of theta and psi, the start first; for arrays `(T + 1, 2, ...)`.

    Raises:
        ValueError: If a learning rate is not positive, the steps are negative, or the
            start is not finite.

    Examples:
        >>> path = dirac_gan_trajectory(penalty=0.3)
        >>> np.linalg.norm(path[[0, -1]], axis=1).round(3)
        [1.414, 0.0]
    """
    generator_rate, discriminator_rate = learning_rates
    require_positive(
        generator_rate=generator_rate, discriminator_rate=discriminator_rate
    )
    require_not_negative(steps=steps)
    if not np.isfinite(start).all():
        raise ValueError(f"start must be finite. Received: start={start}")
    path = [start]
    for _ in range(steps):
        theta, psi = path[-1]
        generator, discriminator = dirac_gan_gradients(theta, psi, **options)
        psi = psi - discriminator_rate * discriminator
        if alternating:
            generator, _ = dirac_gan_gradients(theta, psi, **options)
        path.append((theta - generator_rate * generator, psi))
    return np.array(path)
