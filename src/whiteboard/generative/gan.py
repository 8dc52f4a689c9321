"""The generative adversarial network as a Keras model."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.generative.adversarial_losses import ADVERSARIAL_LOSSES
from whiteboard.generative.game import Game

# Shapes: B batch, Z latent size.


@keras.saving.register_keras_serializable(package="whiteboard")
class GAN(Game):
    r"""Generator and discriminator that train in turns.

    $$\min_G \max_D \; \mathbb{E}\,[\log D(x)] + \mathbb{E}\,[\log(1 - D(G(z)))]$$

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, algorithm 1.

    Args:
        generator: Model from latents `(B, Z)` to samples.
        discriminator: Model from samples to logits `(B, 1)`, without a sigmoid.
        loss: A name of `ADVERSARIAL_LOSSES`: `"non_saturating"`, `"minimax"`,
            `"least_squares"`, `"hinge"` or `"wasserstein"`.
        discriminator_steps: Discriminator steps for one generator step. Each takes new
            real data: the batch of `fit` is dealt out among them.
        seed: Seed of the latents while training.
        **kwargs: Passed to `keras.Model`.

    Raises:
        ValueError: If the loss has no such name, or the steps are not positive.

    Examples:
        >>> gan = GAN(generator, discriminator)
        >>> gan.compile(
        ...     {
        ...         "discriminator": keras.optimizers.Adam(2e-4, beta_1=0.5),
        ...         "generator": keras.optimizers.Adam(2e-4, beta_1=0.5),
        ...     }
        ... )
        >>> gan.fit(images, batch_size=64, epochs=10)
        >>> gan.sample(16, seed=1)
    """

    players = ("discriminator", "generator")

    def __init__(
        self,
        generator,
        discriminator,
        loss="non_saturating",
        discriminator_steps=1,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if loss not in ADVERSARIAL_LOSSES:
            raise ValueError(
                f"loss must be one of {list(ADVERSARIAL_LOSSES)}. "
                f"Received: loss={loss!r}"
            )
        require_positive(discriminator_steps=discriminator_steps)
        self.generator = generator
        self.discriminator = discriminator
        self.loss_name = loss
        self.discriminator_steps = discriminator_steps
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def play(self, real):
        discriminator_value = self.improve_discriminator(real)
        steps = self.discriminator_steps
        z = self.latents((ops.shape(real)[0] + steps - 1) // steps)
        generator_value = self.improve("generator", lambda: self.generator_loss(z))
        return {"discriminator": discriminator_value, "generator": generator_value}

    def improve_discriminator(self, real):
        """Deal the batch out among the discriminator's steps; the last one's loss."""
        size, steps = ops.shape(real)[0], self.discriminator_steps
        for step in range(steps):
            x = real[step % size :: steps]  # never empty, however small the last batch
            fake = self.generator(self.latents(ops.shape(x)[0]), training=True)
            value = self.improve(
                "discriminator", lambda x=x, fake=fake: self.discriminator_loss(x, fake)
            )
        return value

    def discriminator_loss(self, real, fake):
        """Loss of the discriminator on a batch of each kind."""
        loss, _ = ADVERSARIAL_LOSSES[self.loss_name]
        real_logits = self.discriminator(real, training=True)
        return loss(real_logits, self.discriminator(fake, training=True))

    def generator_loss(self, latents):
        """Loss of the generator on a batch of latents `(B, Z)`."""
        _, loss = ADVERSARIAL_LOSSES[self.loss_name]
        fake = self.generator(latents, training=True)
        return loss(self.discriminator(fake, training=True))

    def latents(self, count):
        """Standard normal latents `(count, Z)`, new at each call."""
        size = self.generator.input_shape[-1]
        return keras.random.normal((count, size), seed=self.seed_generator)

    def sample(self, count, seed=None):
        """Generate samples.

        Args:
            count: How many.
            seed: Seed of their latents, apart from those of training.

        Returns:
            NumPy array of `count` samples.
        """
        size = self.generator.input_shape[-1]
        seed = keras.random.SeedGenerator(seed)
        return self.generator.predict(
            keras.random.normal((count, size), seed=seed), verbose=0
        )

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "loss": self.loss_name,
            "discriminator_steps": self.discriminator_steps,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        for part in ("generator", "discriminator"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)
