"""A small WGAN-GP of handwritten digits, untrained and trained."""

import keras
from keras import layers

from whiteboard.generative.trained_weights import load_trained_weights
from whiteboard.generative.wasserstein_gan import GradientPenaltyGAN


def build_digit_gan(seed=None):
    """Build the untrained networks: two hidden layers each, the losses of WGAN-GP.

    The generator has batch normalization, as DCGAN's; the critic of a gradient penalty
    has none.

    Args:
        seed: Seed of the latents while training.

    Returns:
        A `GradientPenaltyGAN` from latents `(B, 16)` to images `(B, 8, 8, 1)` in
        [-1, 1].

    Examples:
        >>> build_digit_gan().generator.output_shape
        (None, 8, 8, 1)
    """
    generator = keras.Sequential([keras.Input((16,))], name="generator")
    critic = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()], name="critic")
    for _ in range(2):
        generator.add(layers.Dense(128, use_bias=False))
        generator.add(layers.BatchNormalization(momentum=0.9))
        generator.add(layers.ReLU())
        critic.add(layers.Dense(128))
        critic.add(layers.LeakyReLU(negative_slope=0.2))
    generator.add(layers.Dense(64, activation="tanh"))
    generator.add(layers.Reshape((8, 8, 1)))
    critic.add(layers.Dense(1))
    return GradientPenaltyGAN(generator, critic, discriminator_steps=3, seed=seed)


def load_digit_gan(without=None):
    """Load the networks that `training/digit_gan.py` trained on the training digits.

    Args:
        without: The digit that was left out, for anomaly detection, or None.

    Returns:
        The model of `build_digit_gan`, with its trained weights.

    Raises:
        ValueError: If no weights were trained without that digit.

    Examples:
        >>> images = load_digit_gan().sample(100, seed=1)
    """
    name = "digit_gan" if without is None else f"digit_gan_without_{without}"
    return load_trained_weights(build_digit_gan(), name)
