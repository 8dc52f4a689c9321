"""The best answer to a fixed generator, and what the game is then worth."""

import numpy as np

# Shapes: N points of a grid or outcomes; the arrays broadcast.


def optimal_discriminator(real, fake, real_target=1.0):
    r"""The discriminator that no other one beats while the generator stands still.

    $$D^*(x) = \frac{p(x)}{p(x) + q(x)}$$

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, proposition 1.

    Args:
        real: Density or probabilities p of real data, `(N,)`.
        fake: Density or probabilities q of generated data, `(N,)`.
        real_target: Target of real data t; the optimum is then $t p / (p + q)$.

    Returns:
        Array `(N,)`; NaN where neither occurs, because there any answer is as good.

    Raises:
        ValueError: If a density is negative or not finite, or the target not in (0, 1].

    Examples:
        >>> optimal_discriminator([0.5, 0.5, 0.0], [0.0, 0.5, 0.5])
        array([1. , 0.5, 0. ])
    """
    real, fake = _density(real=real), _density(fake=fake)
    if not 0 < real_target <= 1:
        raise ValueError(
            f"real_target must be in (0, 1]. Received: real_target={real_target}"
        )
    with np.errstate(invalid="ignore"):  # 0 / 0
        return real_target * real / (real + fake)


def game_value(discriminator, real, fake):
    r"""What the discriminator maximizes and the generator minimizes.

    $$V(D, G) = \sum_x p(x) \log D(x) + q(x) \log(1 - D(x))$$

    At $D^*$ it is $2 \, \mathrm{JS}(p, q) - \log 4$: $-\log 4$ where the generator has
    won, 0 where a discriminator can be sure of everything.

    Source: Goodfellow et al. 2014, equation 1 and theorem 1.

    Args:
        discriminator: Probabilities D that an outcome is real, `(N,)`.
        real: Probabilities p of real data, which sum to 1, `(N,)`.
        fake: Probabilities q of generated data, which sum to 1, `(N,)`.

    Returns:
        A number, `-inf` for a discriminator that is sure and wrong.

    Raises:
        ValueError: If probabilities are not finite, negative or do not sum to 1, or D
            is outside of [0, 1] where either occurs.

    Examples:
        >>> game_value(discriminator=[0.5, 0.5], real=[0.2, 0.8], fake=[0.2, 0.8])
        -1.3862943611198906
    """
    given = {"real": _density(real=real), "fake": _density(fake=fake)}
    for name, probabilities in given.items():
        total = probabilities.sum()
        if abs(total - 1) > 1e-4:
            raise ValueError(f"{name} must sum to 1. Received: a sum of {total}")
    answers = np.asarray(discriminator, "float64")
    asked = given["real"] + given["fake"] > 0
    if (asked & ~((answers >= 0) & (answers <= 1))).any():
        raise ValueError(
            f"discriminator must be in [0, 1]. Received: discriminator={discriminator}"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        on_real = np.where(given["real"] > 0, given["real"] * np.log(answers), 0)
        on_fake = np.where(given["fake"] > 0, given["fake"] * np.log(1 - answers), 0)
    return float(on_real.sum() + on_fake.sum())


def _density(**argument):
    ((name, values),) = argument.items()
    array = np.asarray(values, "float64")
    if not array.size or not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(
            f"{name} must be finite, not negative and not empty. "
            f"Received: {name}={values}"
        )
    return array
