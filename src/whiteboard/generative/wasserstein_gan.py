"""Wasserstein GANs: a critic kept Lipschitz by clipping or by a gradient penalty."""

import keras
from keras import ops

from whiteboard.fundamentals import (
    BatchNormalization,
    require_not_negative,
    require_positive,
)
from whiteboard.generative.critic_slope import gradient_penalty, random_interpolates
from whiteboard.generative.gan import GAN

# Shapes: B batch, Z latent size.

BATCH_NORMS = (keras.layers.BatchNormalization, BatchNormalization)


@keras.saving.register_keras_serializable(package="whiteboard")
class WassersteinGAN(GAN):
    r"""GAN whose critic estimates a Wasserstein distance; its weights are clipped.

    $$\min_G \max_{\|w\|_\infty \le c}
    \mathbb{E}\,[f_w(x)] - \mathbb{E}\,[f_w(G(z))]$$

    Source: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1. The authors train
    with RMSprop at 5e-5, clip at 0.01, and take five critic steps for each of G.

    Args:
        generator: Model from latents `(B, Z)` to samples.
        discriminator: The critic: model from samples to scores `(B, 1)`, any real
            numbers.
        clip: Largest absolute value c of a weight of the critic, biases included.
        discriminator_steps: Critic steps for one generator step. The batch of `fit`
            is dealt out among them.
        **kwargs: Passed to `GAN`, as `seed`.

    Raises:
        ValueError: If the clip or the steps are not positive.

    Examples:
        >>> gan = WassersteinGAN(generator, critic)
        >>> gan.compile(
        ...     {
        ...         "discriminator": keras.optimizers.RMSprop(5e-5),
        ...         "generator": keras.optimizers.RMSprop(5e-5),
        ...     }
        ... )
        >>> gan.fit(images, batch_size=5 * 64, epochs=10)
    """

    def __init__(
        self, generator, discriminator, clip=0.01, discriminator_steps=5, **kwargs
    ):
        super().__init__(
            generator, discriminator, "wasserstein", discriminator_steps, **kwargs
        )
        require_positive(clip=clip)
        self.clip = clip

    def improve(self, player, loss):
        value = super().improve(player, loss)
        if player == "discriminator":
            for weight in self.weights_of(player):
                weight.assign(ops.clip(weight, -self.clip, self.clip))
        return value

    def get_config(self):
        config = {**super().get_config(), "clip": self.clip}
        del config["loss"]
        return config


@keras.saving.register_keras_serializable(package="whiteboard")
class GradientPenaltyGAN(GAN):
    r"""WGAN-GP: the critic's slope between real and generated data is pulled to 1.

    $$L_f = \mathbb{E}\,[f(\tilde x)] - \mathbb{E}\,[f(x)]
    + \lambda\, \mathbb{E}\,[(\|\nabla f(\hat x)\|_2 - 1)^2], \quad
    \hat x = \epsilon x + (1 - \epsilon) \tilde x, \quad \epsilon \sim U[0, 1]$$

    Source: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017,
    algorithm 1. The authors train with Adam at 1e-4, beta_1 = 0, beta_2 = 0.9.

    Args:
        generator: Model from latents `(B, Z)` to samples.
        discriminator: The critic: model from samples to scores `(B, 1)`. It must score
            each row alone, so without batch normalization.
        penalty_weight: Weight of the penalty, lambda.
        discriminator_steps: Critic steps for one generator step. The batch of `fit`
            is dealt out among them.
        **kwargs: Passed to `GAN`, as `seed`.

    Raises:
        ValueError: If the penalty weight is negative, the steps are not positive, or
            the critic has batch normalization.

    Examples:
        >>> gan = GradientPenaltyGAN(generator, critic)
        >>> gan.compile(
        ...     {
        ...         "discriminator": keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9),
        ...         "generator": keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9),
        ...     }
        ... )
        >>> gan.fit(images, batch_size=5 * 64, epochs=10)
    """

    def __init__(
        self,
        generator,
        discriminator,
        penalty_weight=10.0,
        discriminator_steps=5,
        **kwargs,
    ):
        super().__init__(
            generator, discriminator, "wasserstein", discriminator_steps, **kwargs
        )
        require_not_negative(penalty_weight=penalty_weight)
        _require_no_batch_normalization(discriminator)
        self.penalty_weight = penalty_weight

    def discriminator_loss(self, real, fake):
        between = random_interpolates(real, fake, seed=self.seed_generator)
        penalty = gradient_penalty(self.discriminator, between)
        return super().discriminator_loss(real, fake) + self.penalty_weight * penalty

    def get_config(self):
        config = {**super().get_config(), "penalty_weight": self.penalty_weight}
        del config["loss"]
        return config


def _require_no_batch_normalization(critic):
    found = [layer.name for layer in _parts(critic) if isinstance(layer, BATCH_NORMS)]
    if found:
        raise ValueError(
            "discriminator must not have batch normalization, for the penalty is on "
            f"the gradient of each sample alone. Received: layers {found}"
        )


def _parts(layer):
    yield layer
    for part in getattr(layer, "layers", []):
        yield from _parts(part)
