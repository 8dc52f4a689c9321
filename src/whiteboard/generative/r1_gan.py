"""A GAN whose discriminator must be flat at the data."""

import keras

from whiteboard.fundamentals import require_not_negative
from whiteboard.generative.critic_slope import gradient_penalty
from whiteboard.generative.gan import GAN


@keras.saving.register_keras_serializable(package="whiteboard")
class R1GAN(GAN):
    r"""GAN with the penalty R1 on the discriminator's slope at real data.

    $$L_D + \frac{\gamma}{2} \, \mathbb{E}_{x \sim p} \, \|\nabla D(x)\|^2$$

    At the equilibrium the discriminator is constant on the data, so it costs nothing
    there; away from it, it damps the rotation of the game.

    Source: Mescheder et al., "Which Training Methods for GANs do actually Converge?",
    2018, equation 9.

    Args:
        generator: Model from latents `(B, Z)` to samples.
        discriminator: Model from samples to logits `(B, 1)`, without a sigmoid.
        penalty_weight: Weight of the penalty, gamma.
        **kwargs: Passed to `GAN`.

    Raises:
        ValueError: If the penalty weight is negative.

    Examples:
        >>> R1GAN(generator, discriminator, penalty_weight=1.0)
    """

    def __init__(self, generator, discriminator, penalty_weight=10.0, **kwargs):
        super().__init__(generator, discriminator, **kwargs)
        require_not_negative(penalty_weight=penalty_weight)
        self.penalty_weight = penalty_weight

    def discriminator_loss(self, real, fake):
        slope = gradient_penalty(self.discriminator, real, target=0.0)
        return super().discriminator_loss(real, fake) + self.penalty_weight / 2 * slope

    def get_config(self):
        return {**super().get_config(), "penalty_weight": self.penalty_weight}
