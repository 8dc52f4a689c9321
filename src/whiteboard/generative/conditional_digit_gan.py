"""A small conditional GAN of handwritten digits, untrained and trained."""

import keras
from keras import layers

from whiteboard.generative.conditional_gan import ConditionalGAN
from whiteboard.generative.conditioning import concatenate_condition
from whiteboard.generative.trained_weights import load_trained_weights


def build_conditional_digit_gan(seed=None):
    """Build the untrained networks: two hidden layers each, the label at the input.

    Args:
        seed: Seed of the latents while training.

    Returns:
        A `ConditionalGAN` from latents `(B, 16)` and one-hot labels `(B, 10)` to images
        `(B, 8, 8, 1)` in [-1, 1].

    Examples:
        >>> [tensor.shape for tensor in build_conditional_digit_gan().generator.inputs]
        [(None, 16), (None, 10)]
    """
    generator = keras.Sequential([keras.Input((16 + 10,))], name="generator")
    discriminator = keras.Sequential(
        [keras.Input((8, 8, 1 + 10)), layers.Flatten()], name="discriminator"
    )
    for _ in range(2):
        for network in (generator, discriminator):
            network.add(layers.Dense(128))
            network.add(layers.LeakyReLU(negative_slope=0.2))
    generator.add(layers.Dense(64, activation="tanh"))
    generator.add(layers.Reshape((8, 8, 1)))
    discriminator.add(layers.Dense(1))
    return ConditionalGAN(
        concatenate_condition(generator, condition_size=10),
        concatenate_condition(discriminator, condition_size=10),
        seed=seed,
    )


def load_conditional_digit_gan():
    """Load the generator that `training/conditional_digits.py` trained.

    The discriminator is not shipped: it comes untrained.

    Returns:
        The model of `build_conditional_digit_gan`, its generator trained.

    Examples:
        >>> sevens = keras.ops.one_hot([7, 7, 7], 10)
        >>> images = load_conditional_digit_gan().sample(sevens, seed=1)
    """
    gan = build_conditional_digit_gan()
    load_trained_weights(gan.generator, "conditional_digits")
    return gan
