"""The variational autoencoder: an autoencoder whose codes are distributions."""

import math

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.generative.autoencoder import Autoencoder, reconstruction_error

# Shapes: B batch, D features of one example, Z latent size.


def reparameterize(mean, log_variance, noise):
    r"""Draw from $\mathcal{N}(\mu, \sigma^2)$ so that gradients reach $\mu$ and $\sigma$.

    $$\mathbf{z} = \mu + \sigma \, \boldsymbol{\epsilon}, \quad
    \boldsymbol{\epsilon} \sim \mathcal{N}(0, I)$$

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.4.

    Args:
        mean: Tensor `(B, Z)`.
        log_variance: Tensor `(B, Z)`, the logarithm of the variance.
        noise: Standard normal tensor `(B, Z)`.

    Returns:
        Tensor `(B, Z)`.
    """
    return mean + ops.exp(0.5 * log_variance) * noise


def kl_to_standard_normal(mean, log_variance):
    r"""KL divergence from the standard normal, for each latent by itself, in nats.

    $$\mathrm{KL}(\mathcal{N}(\mu, \sigma^2) \,\|\, \mathcal{N}(0, 1)) =
    \frac{1}{2} (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$$

    Source: Kingma and Welling 2014, appendix B.

    Args:
        mean: Tensor `(B, Z)`.
        log_variance: Tensor `(B, Z)`.

    Returns:
        Tensor `(B, Z)`; the sum over its last axis is the KL divergence of an example.
    """
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1 - log_variance)


def gaussian_log_likelihood(x, mean, deviation):
    r"""$\log \mathcal{N}(\mathbf{x}; \mu, \sigma^2 I)$ of each example, in nats.

    $$-\frac{\lVert \mathbf{x} - \mu \rVert^2}{2 \sigma^2}
    - \frac{D}{2} \log(2 \pi \sigma^2)$$

    Args:
        x: Tensor `(B, ...)`.
        mean: Tensor of the same shape.
        deviation: The standard deviation, a positive number.

    Returns:
        Tensor `(B,)`.
    """
    features = math.prod(x.shape[1:])
    normalizer = 0.5 * features * math.log(2 * math.pi * deviation**2)
    return -reconstruction_error(x, mean) / (2 * deviation**2) - normalizer


@keras.saving.register_keras_serializable(package="whiteboard")
class VariationalAutoencoder(Autoencoder):
    r"""Encoder and decoder that maximize a lower bound of the likelihood, the ELBO.

    $$\log p(\mathbf{x}) \geq \mathbb{E}_{q(\mathbf{z} | \mathbf{x})}
    [\log p(\mathbf{x} | \mathbf{z})] - \mathrm{KL}(q(\mathbf{z} | \mathbf{x})
    \,\|\, p(\mathbf{z}))$$

    The prior is standard normal, the posterior q a diagonal Gaussian, the likelihood a
    Gaussian around what the decoder gives. The loss is minus the ELBO in nats, estimated
    with one sample of z for each example. The deviation of the likelihood weighs
    reconstruction against KL: with it multiplied by the root of beta, the optimum is that
    of a beta-VAE.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.

    Args:
        encoder: Layer or model from `(B, ...)` to `(B, 2 Z)`: means and log-variances.
        decoder: Layer or model from latents `(B, Z)` to the shape of the input.
        deviation: Standard deviation of the likelihood.
        seed: Seed of the posterior samples.
        **kwargs: Passed to `keras.Model`.

    Call arguments:
        x: Tensor `(B, ...)`.
        training: Passed to encoder and decoder.

    Returns:
        The reconstruction from a sample of the posterior, and the mean and log-variance
        of that posterior.

    Raises:
        ValueError: If the deviation is not positive, the encoder's output cannot be split
            in two, or the decoder does not give back the shape of the input.

    Examples:
        >>> vae = VariationalAutoencoder(MLP([128, 2 * 8]), MLP([128, 64]), deviation=0.5)
        >>> vae.compile("adam")
        >>> vae.fit(x, epochs=10)
        >>> images = vae.sample(16, seed=1)
    """

    def __init__(self, encoder, decoder, deviation=1.0, seed=None, **kwargs):
        super().__init__(encoder, decoder, seed=seed, **kwargs)
        require_positive(deviation=deviation)
        self.deviation = deviation
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction")
        self.kl_tracker = keras.metrics.Mean(name="kl")

    def code_shape(self, input_shape):
        *batch, size = self.encoder.compute_output_shape(input_shape)
        if size % 2:
            raise ValueError(
                "encoder must give a mean and a log-variance for each latent, an even "
                f"number. Received: an encoder with {size} outputs"
            )
        self.latent_size = size // 2
        return (*batch, self.latent_size)

    def call(self, x, training=False):
        mean, log_variance = self.encode(x, training=training)
        noise = keras.random.normal(
            ops.shape(mean), dtype=self.compute_dtype, seed=self.seed_generator
        )
        latents = reparameterize(mean, log_variance, noise)
        return self.decode(latents, training=training), mean, log_variance

    def encode(self, x, training=False):
        """Mean and log-variance of the posterior, each `(B, Z)`."""
        return ops.split(self.encoder(x, training=training), 2, axis=-1)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        reconstruction, mean, log_variance = (
            ops.cast(output, self.variable_dtype) for output in y_pred
        )
        likelihood = gaussian_log_likelihood(x, reconstruction, self.deviation)
        kl = ops.sum(kl_to_standard_normal(mean, log_variance), axis=-1)
        self.reconstruction_tracker.update_state(-likelihood)
        self.kl_tracker.update_state(kl)
        return ops.mean(kl - likelihood) + sum(self.losses)

    def sample(self, count, seed=None):
        """Decode latents from the prior.

        Args:
            count: How many.
            seed: Seed of the latents.

        Returns:
            Tensor `(count, ...)`: means of the likelihood, without its noise.
        """
        size = (count, self.latent_size)
        return self.decode(keras.random.normal(size, seed=seed))

    def get_config(self):
        config = super().get_config()
        del config["noise_deviation"]
        return {**config, "deviation": self.deviation}
