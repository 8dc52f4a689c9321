"""The denoising diffusion model as a Keras model."""

import keras
import numpy as np
from keras import ops

from whiteboard.generative.diffusion_process import diffuse, sample_diffusion
from whiteboard.generative.noise_schedule import alpha_bars

# Shapes: B batch, T steps.


@keras.saving.register_keras_serializable(package="whiteboard")
class DiffusionModel(keras.Model):
    r"""A network that learns to tell the noise in noisy data.

    $$\min_\theta \; \mathbb{E} \, \lVert \boldsymbol{\epsilon} -
    \boldsymbol{\epsilon}_\theta(\sqrt{\bar\alpha_t} \, \mathbf{x}_0 +
    \sqrt{1 - \bar\alpha_t} \, \boldsymbol{\epsilon}, t) \rVert^2, \quad
    t \sim U\{1, \dots, T\}$$

    Source: Ho et al., "Denoising Diffusion Probabilistic Models", 2020, algorithm 1. The
    loss is the mean over features, not their sum.

    Args:
        network: Model from `[x, times]`, `(B, ...)` and integers `(B,)`, to the shape of
            `x`.
        betas: Variances `(T,)`, from `linear_schedule` or `cosine_schedule`.
        seed: Seed of times and noise while training.
        **kwargs: Passed to `keras.Model`.

    Call arguments:
        x: Data `(B, ...)`.

    Returns:
        The noise that the network predicts at a random time for each example, and the
        noise that was added.

    Raises:
        ValueError: If `betas` is not one row of numbers between 0 and 1.

    Examples:
        >>> model = DiffusionModel(noise_mlp(size=2, steps=100), cosine_schedule(100))
        >>> model.compile("adam")
        >>> model.fit(points, batch_size=256, epochs=20)
        >>> model.sample(16, steps=20, seed=1)
    """

    def __init__(self, network, betas, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.alpha_bars = alpha_bars(betas)
        self.betas = np.asarray(betas).tolist()
        self.network = network
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        x = ops.cast(x, self.variable_dtype)  # half precision rounds 1 - alpha_bar to 0
        count, rank, steps = ops.shape(x)[0], ops.ndim(x), len(self.betas)
        times = keras.random.randint((count,), 1, steps + 1, seed=self.seed_generator)
        noise = keras.random.normal(ops.shape(x), seed=self.seed_generator)
        alpha_bar = ops.take(ops.cast(self.alpha_bars, x.dtype), times, axis=0)
        alpha_bar = ops.reshape(alpha_bar, (-1,) + (1,) * (rank - 1))  # (B, 1, ...)
        noisy = diffuse(x, noise, alpha_bar)
        return self.network([noisy, times], training=training), noise

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        predicted, noise = y_pred
        error = ops.cast(predicted, noise.dtype) - noise
        return ops.mean(ops.square(error)) + sum(self.losses)

    def predict_noise(self, x, time):
        """The noise in `x`, `(B, ...)`, after `time` steps, an integer from 1 to T."""
        x = ops.convert_to_tensor(x)
        times = ops.full((ops.shape(x)[0],), time, dtype="int32")
        noise = self.network.predict_on_batch([x, times])  # compiled, unlike a call
        return ops.convert_to_tensor(noise)

    def sample(self, count, steps=None, eta=0.0, clip=None, seed=None):
        """Generate samples.

        Args:
            count: How many.
            steps: How many calls of the network; by default T.
            eta: 0 for DDIM, 1 for DDPM.
            clip: Largest absolute value of the data, to which predictions are cut.
            seed: Seed of the noise.

        Returns:
            Tensor `(count, ...)`.
        """
        seed = keras.random.SeedGenerator(seed)
        shape = (count, *self.network.output_shape[1:])
        start = keras.random.normal(shape, seed=seed)
        return sample_diffusion(
            self.predict_noise, start, self.alpha_bars, steps, eta, clip, seed
        )

    def get_config(self):
        return {
            **super().get_config(),
            "network": keras.saving.serialize_keras_object(self.network),
            "betas": self.betas,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        config["network"] = keras.saving.deserialize_keras_object(config["network"])
        return cls(**config)
