"""What the discriminator and the generator minimize, as functions of logits."""

from keras import ops

# Shapes: logits (B,) or (B, 1) of a discriminator; each loss is a scalar.


def discriminator_cross_entropy(real_logits, fake_logits, real_target=1.0):
    r"""$-\mathbb{E}\,[\log D(x)] - \mathbb{E}\,[\log(1 - D(G(z)))]$ with D the sigmoid.

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, equation 1; the
    smoothed target of real data is Salimans et al. 2016.

    Args:
        real_logits: Logits of real data.
        fake_logits: Logits of generated data.
        real_target: Target of real data; below 1 it is one-sided label smoothing.

    Returns:
        Scalar tensor.
    """
    real = ops.softplus(real_logits) - real_target * real_logits
    return ops.mean(real) + ops.mean(ops.softplus(fake_logits))


def saturating_generator_loss(fake_logits):
    r"""$\mathbb{E}\,[\log(1 - D(G(z)))]$, the generator's side of the minimax game."""
    return -ops.mean(ops.softplus(fake_logits))


def non_saturating_generator_loss(fake_logits):
    r"""$-\mathbb{E}\,[\log D(G(z))]$, as training does (Goodfellow et al. 2014, 3)."""
    return ops.mean(ops.softplus(-fake_logits))


def least_squares_discriminator_loss(real_logits, fake_logits):
    """Real data to 1, generated data to 0 (Mao et al. 2017)."""
    return 0.5 * (ops.mean((real_logits - 1) ** 2) + ops.mean(fake_logits**2))


def least_squares_generator_loss(fake_logits):
    """Generated data to 1 (Mao et al. 2017)."""
    return 0.5 * ops.mean((fake_logits - 1) ** 2)


def hinge_discriminator_loss(real_scores, fake_scores):
    """Real data above 1, generated data below -1 (Lim and Ye 2017)."""
    return ops.mean(ops.relu(1 - real_scores)) + ops.mean(ops.relu(1 + fake_scores))


def critic_loss(real_scores, fake_scores):
    """Minus what estimates the Wasserstein distance (Arjovsky et al. 2017)."""
    return ops.mean(fake_scores) - ops.mean(real_scores)


def critic_generator_loss(fake_scores):
    """Minus the mean score of generated data (Arjovsky et al. 2017)."""
    return -ops.mean(fake_scores)


ADVERSARIAL_LOSSES = {
    "minimax": (discriminator_cross_entropy, saturating_generator_loss),
    "non_saturating": (discriminator_cross_entropy, non_saturating_generator_loss),
    "least_squares": (least_squares_discriminator_loss, least_squares_generator_loss),
    "hinge": (hinge_discriminator_loss, critic_generator_loss),
    "wasserstein": (critic_loss, critic_generator_loss),
}
