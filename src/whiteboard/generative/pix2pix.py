"""Pix2Pix: a conditional GAN that learns a translation from pairs of images."""

import keras
from keras import ops

from whiteboard.fundamentals import require_not_negative
from whiteboard.generative.adversarial_losses import (
    discriminator_cross_entropy,
    non_saturating_generator_loss,
)
from whiteboard.generative.game import Game

# Shapes: B batch, H height, W width, C channels.


@keras.saving.register_keras_serializable(package="whiteboard")
class Pix2Pix(Game):
    r"""Translate x to y: look like a true pair, and stay near the y of the pair.

    $$\min_G \max_D \; \mathbb{E}\,[\log D(x, y)] + \mathbb{E}\,[\log(1 - D(x, G(x)))]
    + \lambda\, \mathbb{E}\,[\|y - G(x)\|_1]$$

    The condition is the input image, and there is no separate label. Trained with
    `fit(x, y)`; the norm is the mean over pixels. As in the paper, the generator
    maximizes $\log D(x, G(x))$ and the discriminator's loss is halved.

    Source: Isola et al., "Image-to-Image Translation with Conditional Adversarial
    Networks", 2017, equations 1 to 4.

    Args:
        generator: Model from x to y, of any shapes.
        discriminator: Model from `[x, y]` to logits: one for each patch, or one.
        l1_weight: Weight of the distance, lambda.
        **kwargs: Passed to `keras.Model`.

    Raises:
        ValueError: If the weight is negative or the discriminator sees no pair.

    Examples:
        >>> model = Pix2Pix(unet_generator((8, 8, 1)), patch_discriminator((8, 8, 1)))
        >>> model.compile({"discriminator": Adam(2e-4), "generator": Adam(2e-4)})
        >>> model.fit(edges, photos, batch_size=16, epochs=10)
        >>> model.predict(edges)
    """

    players = ("discriminator", "generator")

    def __init__(self, generator, discriminator, l1_weight=100.0, **kwargs):
        super().__init__(**kwargs)
        require_not_negative(l1_weight=l1_weight)
        if len(discriminator.inputs) != 2:
            raise ValueError(
                "discriminator must take two inputs, x and y. "
                f"Received: a model of {len(discriminator.inputs)}"
            )
        self.generator = generator
        self.discriminator = discriminator
        self.l1_weight = l1_weight

    def call(self, x, training=False):
        return self.generator(x, training=training)

    def play(self, x, y):
        fake = self.generator(x, training=True)
        discriminator_value = self.improve(
            "discriminator", lambda: self.discriminator_loss(x, y, fake)
        )
        generator_value = self.improve("generator", lambda: self.generator_loss(x, y))
        return {"discriminator": discriminator_value, "generator": generator_value}

    def discriminator_loss(self, x, y, fake):
        """Half the cross-entropy of true pairs and of pairs with a translation."""
        real_logits = self.discriminator([x, y], training=True)
        fake_logits = self.discriminator([x, fake], training=True)
        return 0.5 * discriminator_cross_entropy(real_logits, fake_logits)

    def generator_loss(self, x, y):
        """The adversarial loss and the weighted distance to y."""
        fake = self.generator(x, training=True)
        logits = self.discriminator([x, fake], training=True)
        distance = ops.mean(ops.abs(ops.subtract(y, fake)))
        return non_saturating_generator_loss(logits) + self.l1_weight * distance

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "l1_weight": self.l1_weight,
        }

    @classmethod
    def from_config(cls, config):
        for part in cls.players:
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)
