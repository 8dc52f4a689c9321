"""The GAN whose samples are asked for: by a label, a vector, anything of fixed size."""

import keras
from keras import ops

from whiteboard.generative.adversarial_losses import ADVERSARIAL_LOSSES
from whiteboard.generative.gan import GAN

# Shapes: B batch, Z latent size, C size of the condition.


@keras.saving.register_keras_serializable(package="whiteboard")
class ConditionalGAN(GAN):
    r"""GAN whose two players both see the condition.

    $$\min_G \max_D \; \mathbb{E}_{x, y}\,[\log D(x, y)]
    + \mathbb{E}_{z, y}\,[\log(1 - D(G(z, y), y))]$$

    Trained with `fit(samples, conditions)`.

    Source: Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014,
    equation 2.

    Args:
        generator: Model from `[latents (B, Z), conditions (B, C)]` to samples.
        discriminator: Model from `[samples, conditions (B, C)]` to logits `(B, 1)`.
        **kwargs: Passed to `GAN`, as `loss`, `discriminator_steps` and `seed`.

    Raises:
        ValueError: If a player has not two inputs, or as `GAN` says.

    Examples:
        >>> labels = keras.ops.one_hot(y_train, 10)
        >>> gan = ConditionalGAN(generator, discriminator)
        >>> gan.compile({"discriminator": Adam(2e-4), "generator": Adam(2e-4)})
        >>> gan.fit(x_train, labels, batch_size=64, epochs=10)
        >>> gan.sample(keras.ops.one_hot([7, 7, 7], 10), seed=1)  # three sevens
    """

    def __init__(self, generator, discriminator, **kwargs):
        super().__init__(generator, discriminator, **kwargs)
        for player in self.players:
            count = len(getattr(self, player).inputs)
            if count != 2:
                raise ValueError(
                    f"{player} must take two inputs, the second the condition. "
                    f"Received: a model of {count}"
                )

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def play(self, real, conditions):
        size, steps = ops.shape(real)[0], self.discriminator_steps
        for step in range(steps):
            x, y = (each[step % size :: steps] for each in (real, conditions))
            fake = self.generator([self.latents(ops.shape(x)[0]), y], training=True)
            discriminator_value = self.improve(
                "discriminator",
                lambda x=x, y=y, fake=fake: self.discriminator_loss([x, y], [fake, y]),
            )
        y = conditions[::steps]
        z = self.latents(ops.shape(y)[0])
        generator_value = self.improve("generator", lambda: self.generator_loss([z, y]))
        return {"discriminator": discriminator_value, "generator": generator_value}

    def generator_loss(self, inputs):
        """Loss of the generator on a pair of latents `(B, Z)` and conditions."""
        _, loss = ADVERSARIAL_LOSSES[self.loss_name]
        _, conditions = inputs
        fake = self.generator(inputs, training=True)
        return loss(self.discriminator([fake, conditions], training=True))

    def latents(self, count):
        """Standard normal latents `(count, Z)`, new at each call."""
        shape = (count, self.generator.input_shape[0][-1])
        return keras.random.normal(shape, seed=self.seed_generator)

    def sample(self, conditions, seed=None):
        """Generate one sample for each condition.

        Args:
            conditions: `(B, C)`.
            seed: Seed of the latents, apart from those of training.

        Returns:
            NumPy array of B samples.
        """
        shape = (len(conditions), self.generator.input_shape[0][-1])
        seed = keras.random.SeedGenerator(seed)
        latents = keras.random.normal(shape, seed=seed)
        return self.generator.predict(
            [ops.convert_to_numpy(latents), ops.convert_to_numpy(conditions)], verbose=0
        )
