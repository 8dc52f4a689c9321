"""A generator that looks ahead at how the discriminator will answer."""

import math
from itertools import accumulate, pairwise

import keras
from keras import ops

from whiteboard.fundamentals import (
    input_gradients,
    require_not_negative,
    require_positive,
)
from whiteboard.generative.adversarial_losses import ADVERSARIAL_LOSSES
from whiteboard.generative.gan import GAN

# Shapes: P number of weights of the discriminator.


def unrolled_weights(loss, weights, steps, learning_rate):
    r"""Weights after gradient steps, as a function that can be differentiated again.

    $$\theta_{k + 1} = \theta_k - \eta \, \nabla_{\theta} f(\theta_k)$$

    The steps are part of the graph: what `loss` depends on, as generated samples, gets
    a gradient through them.

    Source: Metz et al., "Unrolled Generative Adversarial Networks", 2017, equation 2.

    Args:
        loss: Maps a list of tensors like `weights` to a scalar tensor.
        weights: List of tensors to start from.
        steps: Number of steps; none gives back the weights.
        learning_rate: Size of a step.

    Returns:
        List of tensors with the shapes of `weights`.
    """
    shapes = [tuple(weight.shape) for weight in weights]
    bounds = list(pairwise([0, *accumulate(map(math.prod, shapes))]))

    def split(theta):
        parts = [theta[start:end] for start, end in bounds]
        return [ops.reshape(*pair) for pair in zip(parts, shapes, strict=True)]

    theta = ops.concatenate([ops.ravel(weight) for weight in weights])  # (P,)
    for _ in range(steps):
        slope = input_gradients(lambda theta: loss(split(theta)), theta)
        theta = theta - learning_rate * slope
    return split(theta)


@keras.saving.register_keras_serializable(package="whiteboard")
class UnrolledGAN(GAN):
    r"""A GAN whose generator plays against the discriminator of some steps later.

    $$\mathcal{L}_G(\theta_G) = f_G(\theta_G, \theta_D^K(\theta_G))$$

    The discriminator itself trains as in any GAN: its look-ahead steps are thrown away.

    Source: Metz et al., "Unrolled Generative Adversarial Networks", 2017.

    Args:
        generator: Model from latents `(B, Z)` to samples.
        discriminator: Model from samples to logits `(B, 1)`.
        unrolled_steps: K, the steps to look ahead; none is the plain GAN.
        unrolled_learning_rate: Size of a look-ahead step, of plain gradient descent.
        **kwargs: Passed to `GAN`.

    Raises:
        ValueError: If the steps are negative or their size is not positive.

    Examples:
        >>> gan = UnrolledGAN(generator, discriminator, unrolled_steps=5)
    """

    def __init__(
        self,
        generator,
        discriminator,
        unrolled_steps=5,
        unrolled_learning_rate=0.02,
        **kwargs,
    ):
        super().__init__(generator, discriminator, **kwargs)
        require_not_negative(unrolled_steps=unrolled_steps)
        require_positive(unrolled_learning_rate=unrolled_learning_rate)
        self.unrolled_steps = unrolled_steps
        self.unrolled_learning_rate = unrolled_learning_rate

    def play(self, real):
        discriminator_value = self.improve_discriminator(real)
        x = real[:: self.discriminator_steps]
        z = self.latents(ops.shape(x)[0])
        generator_value = self.improve(
            "generator", lambda: self.unrolled_generator_loss(x, z)
        )
        return {"discriminator": discriminator_value, "generator": generator_value}

    def unrolled_generator_loss(self, real, latents):
        """The generator's loss against the discriminator of `unrolled_steps` later."""
        discriminator_loss, generator_loss = ADVERSARIAL_LOSSES[self.loss_name]
        fake = self.generator(latents, training=True)

        def loss(weights):
            logits = self.logits_at(weights, real), self.logits_at(weights, fake)
            return discriminator_loss(*logits)

        weights = unrolled_weights(
            loss,
            [variable.value for variable in self.discriminator.trainable_variables],
            self.unrolled_steps,
            self.unrolled_learning_rate,
        )
        return generator_loss(self.logits_at(weights, fake))

    def logits_at(self, weights, samples):
        """The discriminator's logits with other weights than its own."""
        state = [v.value for v in self.discriminator.non_trainable_variables]
        logits, _ = self.discriminator.stateless_call(
            weights, state, samples, training=True
        )
        return logits

    def get_config(self):
        return {
            **super().get_config(),
            "unrolled_steps": self.unrolled_steps,
            "unrolled_learning_rate": self.unrolled_learning_rate,
        }
