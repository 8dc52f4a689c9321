"""Anomaly detection by a generator: how well can it imitate what it is shown?"""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import (
    differentiate,
    require_below_one,
    require_not_negative,
    require_positive,
)

# Shapes: N images, R starts, Z latent size.


def search_latents(
    gan, images, steps=100, learning_rate=0.1, starts=1, weight=0.1, seed=None
):
    r"""Find for each image the latent whose sample imitates it best.

    $$z^* = \arg\min_z\; (1 - w) \, \lVert x - G(z) \rVert_1
    + w \, \lVert f(x) - f(G(z)) \rVert_1$$

    A generator has no inverse, so `z` is found by gradient descent, with both networks
    fixed; `f` is what the last layer of the discriminator reads. The loss that remains
    is the anomaly score.

    Source: Schlegl et al., "Unsupervised Anomaly Detection with Generative Adversarial
    Networks to Guide Marker Discovery", 2017 (AnoGAN), with w = 0.1 and 500 steps.

    Args:
        gan: A trained `GAN` whose discriminator is a sequential or functional model.
        images: Array `(N, ...)`, scaled as the generator's samples.
        steps: Steps of Adam; 0 leaves the latents as they were drawn.
        learning_rate: Its learning rate.
        starts: Standard normal latents R tried for each image; the best is kept.
        weight: Weight w of the features, at least 0 and below 1.
        seed: Seed of the starts.

    Returns:
        The latents `(N, Z)` and their losses `(N,)`, NumPy arrays.

    Raises:
        ValueError: If there are no images, they have another shape than the samples or
            are not finite, or a number is out of range.

    Examples:
        >>> latents, scores = search_latents(gan, images, seed=7)
        >>> imitations = gan.generator.predict(latents)
    """
    require_positive(learning_rate=learning_rate, starts=starts)
    require_not_negative(steps=steps)
    require_below_one(weight=weight)
    images = _checked(images, gan.generator.output_shape[1:])
    critic = gan.discriminator
    features = keras.Model(critic.inputs[0], critic.layers[-2].output)
    x = ops.repeat(images, starts, axis=0)  # (N * R, ...)
    features_of_x = features(x, training=False)

    def losses(z):
        imitation = gan.generator(z, training=False)
        pixels = _absolute_sum(imitation - x)
        deep = _absolute_sum(features(imitation, training=False) - features_of_x)
        return (1 - weight) * pixels + weight * deep  # (N * R,)

    size = gan.generator.input_shape[-1]
    z = keras.random.normal((len(x), size), seed=seed)
    z = _minimize(losses, z, steps, learning_rate)
    latents = ops.convert_to_numpy(z).reshape(-1, starts, size)
    scores = ops.convert_to_numpy(losses(z)).reshape(-1, starts)
    rows, best = np.arange(len(images)), scores.argmin(axis=1)
    return latents[rows, best], scores[rows, best]


def _minimize(losses, z, steps, learning_rate):
    """Adam on each row by itself, as one loop that the backend can compile."""

    def step(i, state):
        z, mean, square = state
        _, _, [gradient] = differentiate(lambda z: (ops.sum(losses(z)), []), z)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        t = ops.cast(i + 1, z.dtype)
        unbiased_mean = mean / (1 - 0.9**t)
        unbiased_square = square / (1 - 0.999**t)
        z = z - learning_rate * unbiased_mean / (ops.sqrt(unbiased_square) + 1e-7)
        return z, mean, square

    zeros = ops.zeros_like(z)
    z, _, _ = ops.fori_loop(0, steps, step, (z, zeros, zeros))
    return z


def _absolute_sum(x):
    return ops.sum(ops.abs(x), axis=tuple(range(1, len(x.shape))))


def _checked(images, expected):
    images = np.asarray(images, "float32")
    if images.shape[1:] != expected or not len(images):
        raise ValueError(
            f"images must have the shape (N, {', '.join(map(str, expected))}). "
            f"Received: images of shape {images.shape}"
        )
    if not np.isfinite(images).all():
        raise ValueError("images must be finite. Received: NaN or infinity")
    return images
