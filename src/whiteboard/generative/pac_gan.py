"""A discriminator that judges several samples at once."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.generative.adversarial_losses import ADVERSARIAL_LOSSES
from whiteboard.generative.gan import GAN

# Shapes: B batch, m samples in a pack, D size of a sample.


def pack_samples(samples, size):
    """Put `size` samples side by side: `(B, D)` becomes `(B / m, m * D)`.

    Source: Lin et al., "PacGAN: The power of two samples in generative adversarial
    networks", 2018.

    Args:
        samples: Tensor `(B, D)`, B a multiple of `size`.
        size: Samples in a pack, m.

    Returns:
        Tensor `(B / m, m * D)`.

    Raises:
        ValueError: If `samples` is not of rank 2, or B no multiple of `size`.
    """
    count, *rest = samples.shape
    if len(rest) != 1 or (count is not None and count % size):
        raise ValueError(
            f"samples must have shape (B, D) with B a multiple of {size}. "
            f"Received: samples.shape={samples.shape}"
        )
    return ops.reshape(samples, (-1, size * rest[0]))


@keras.saving.register_keras_serializable(package="whiteboard")
class PacGAN(GAN):
    """A GAN whose discriminator is given packs of samples, all real or all generated.

    Against packs the best response of the generator is no longer one good sample: m
    equal ones give it away.

    Source: Lin et al., "PacGAN: The power of two samples in generative adversarial
    networks", 2018.

    Args:
        generator: Model from latents `(B, Z)` to samples `(B, D)`.
        discriminator: Model from packs `(B, m * D)` to logits `(B, 1)`.
        pack_size: m, the samples in a pack; `fit`'s batches must be multiples of it.
        **kwargs: Passed to `GAN`.

    Raises:
        ValueError: If `pack_size` is not positive, or the discriminator is not built
            for packs of that size.

    Examples:
        >>> gan = PacGAN(generator, discriminator, pack_size=2)
    """

    def __init__(self, generator, discriminator, pack_size=2, **kwargs):
        super().__init__(generator, discriminator, **kwargs)
        require_positive(pack_size=pack_size)
        expected = pack_size * generator.output_shape[-1]
        if discriminator.input_shape[-1] != expected:
            raise ValueError(
                f"discriminator must take packs of {expected} numbers. "
                f"Received: pack_size={pack_size}, "
                f"discriminator.input_shape={discriminator.input_shape}"
            )
        self.pack_size = pack_size

    def discriminator_loss(self, real, fake):
        size = self.pack_size
        return super().discriminator_loss(
            pack_samples(real, size), pack_samples(fake, size)
        )

    def generator_loss(self, latents):
        _, loss = ADVERSARIAL_LOSSES[self.loss_name]
        fake = pack_samples(self.generator(latents, training=True), self.pack_size)
        return loss(self.discriminator(fake, training=True))

    def get_config(self):
        return {**super().get_config(), "pack_size": self.pack_size}
