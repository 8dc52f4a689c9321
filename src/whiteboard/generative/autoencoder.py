"""The autoencoder: a network that must pass its input through a code."""

import keras
from keras import ops

from whiteboard.fundamentals import require_not_negative

# Shapes: B batch, D features, Z code size.


def reconstruction_error(x, reconstruction):
    r"""Squared error of each example, summed over its features.

    $$\lVert \mathbf{x} - \hat{\mathbf{x}} \rVert^2$$

    Args:
        x: Tensor `(B, ...)`.
        reconstruction: Tensor of the same shape.

    Returns:
        Tensor `(B,)`.
    """
    squares = ops.square(ops.subtract(x, reconstruction))
    return ops.sum(squares, axis=tuple(range(1, ops.ndim(squares))))


@keras.saving.register_keras_serializable(package="whiteboard")
class Autoencoder(keras.Model):
    r"""Encoder and decoder, trained to give back the input.

    $$\min_{f, g} \; \mathbb{E} \, \lVert \mathbf{x} - g(f(\mathbf{x} +
    \sigma \boldsymbol{\epsilon})) \rVert^2, \quad
    \boldsymbol{\epsilon} \sim \mathcal{N}(0, I)$$

    Source: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural
    Networks", 2006. With noise it is the denoising autoencoder of Vincent et al. 2008.

    Args:
        encoder: Layer or model from `(B, ...)` to codes `(B, Z)`.
        decoder: Layer or model from codes to the shape of the input.
        noise_deviation: Standard deviation of the noise that is added to the input, but
            not to the target, while training.
        seed: Seed of the noise.
        **kwargs: Passed to `keras.Model`.

    Call arguments:
        x: Tensor `(B, ...)`.
        training: Whether noise is added.

    Returns:
        The reconstruction, a tensor of the shape of `x`.

    Raises:
        ValueError: If the deviation is negative, or the decoder does not give back the
            shape of the input.

    Examples:
        >>> autoencoder = Autoencoder(MLP([128, 8]), MLP([128, 64]))
        >>> autoencoder.compile("adam")
        >>> autoencoder.fit(x, epochs=10)
        >>> codes = autoencoder.encode(x)
    """

    def __init__(self, encoder, decoder, noise_deviation=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        require_not_negative(noise_deviation=noise_deviation)
        self.encoder = encoder
        self.decoder = decoder
        self.noise_deviation = noise_deviation
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        if not self.encoder.built:
            self.encoder.build(input_shape)
        code_shape = self.code_shape(input_shape)
        if not self.decoder.built:
            self.decoder.build(code_shape)
        output_shape = self.decoder.compute_output_shape(code_shape)
        if tuple(output_shape[1:]) != tuple(input_shape[1:]):
            raise ValueError(
                f"decoder must give back the shape of the input, {input_shape}. "
                f"Received: a decoder with the output shape {output_shape}"
            )
        self.built = True

    def code_shape(self, input_shape):
        """Shape of what the decoder receives."""
        return self.encoder.compute_output_shape(input_shape)

    def call(self, x, training=False):
        if training and self.noise_deviation:
            noise = keras.random.normal(
                ops.shape(x), dtype=self.compute_dtype, seed=self.seed_generator
            )
            x = x + self.noise_deviation * noise
        return self.decode(self.encode(x, training=training), training=training)

    def encode(self, x, training=False):
        """Codes `(B, Z)` of inputs `(B, ...)`."""
        return self.encoder(x, training=training)

    def decode(self, codes, training=False):
        """Reconstructions `(B, ...)` from codes `(B, Z)`."""
        return self.decoder(codes, training=training)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        reconstruction = ops.cast(y_pred, self.variable_dtype)
        return ops.mean(reconstruction_error(x, reconstruction)) + sum(self.losses)

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "encoder": serialize(self.encoder),
            "decoder": serialize(self.decoder),
            "noise_deviation": self.noise_deviation,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        for part in ("encoder", "decoder"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)
