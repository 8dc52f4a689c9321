"""Absolute positional encodings: fixed sinusoids and a learned table."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: ... any leading axes (usually the batch), T positions, D depth.


def sinusoidal_encoding(length, depth, max_wavelength=10_000.0):
    r"""Encode the positions `0 .. length - 1` as sines and cosines.

    $$\mathrm{PE}(p, 2i) = \sin(p \, \omega_i), \quad
    \mathrm{PE}(p, 2i + 1) = \cos(p \, \omega_i), \quad
    \omega_i = \mathrm{max\_wavelength}^{-2i / \mathrm{depth}}$$

    Vaswani et al. 2017, "Attention Is All You Need", section 3.5. Angles are
    float64: a float32 angle at position 100,000 is off by up to 0.005.

    Args:
        length: Number of positions, T. An integer, or an integer tensor where the
            length is known only at run time.
        depth: Number of columns, D. If it is odd, the last column is a sine
            without its cosine.
        max_wavelength: Sets the slowest frequency. The wavelengths grow
            geometrically from `2 pi` to almost `2 pi * max_wavelength` positions.

    Returns:
        A float32 tensor of shape `(length, depth)`.

    Raises:
        ValueError: If `depth` or `max_wavelength` is not positive, or `length`
            is negative.

    Examples:
        >>> sinusoidal_encoding(length=50, depth=16).shape
        (50, 16)
    """
    require_positive(depth=depth, max_wavelength=max_wavelength)
    xp = ops if ops.is_tensor(length) else np
    if xp is np and length < 0:
        raise ValueError(f"length must not be negative. Received: length={length}")

    positions = xp.arange(length, dtype="float64")  # (T,)
    columns = np.arange(depth)  # (D,)
    frequencies = float(max_wavelength) ** (-2 * (columns // 2) / depth)  # (D,)
    angles = xp.expand_dims(positions, -1) * frequencies  # (T, D)
    encoding = xp.where(columns % 2 == 0, xp.sin(angles), xp.cos(angles))
    return ops.cast(encoding, "float32")  # (T, D)


@keras.saving.register_keras_serializable(package="whiteboard")
class SinusoidalPositionalEncoding(keras.layers.Layer):
    """Add the sinusoidal encoding of each position to its vector.

    `outputs[..., p, :] = inputs[..., p, :] + PE(p)`, for any length and without
    weights. Vaswani et al. 2017, section 3.5.

    Args:
        max_wavelength: See `sinusoidal_encoding`.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(..., T, D)`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `max_wavelength` is not positive, the inputs have fewer
            than two axes, or D is unknown.

    Examples:
        >>> SinusoidalPositionalEncoding()(keras.ops.zeros((2, 50, 16))).shape
        (2, 50, 16)
    """

    def __init__(self, max_wavelength=10_000.0, **kwargs):
        super().__init__(**kwargs)
        require_positive(max_wavelength=max_wavelength)
        self.max_wavelength = max_wavelength
        self.supports_masking = True

    def build(self, input_shape):
        _require_depth(self, input_shape)
        self.built = True

    def call(self, inputs):
        length, depth = ops.shape(inputs)[-2:]
        encoding = sinusoidal_encoding(length, depth, self.max_wavelength)
        return inputs + ops.cast(encoding, inputs.dtype)  # (..., T, D)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "max_wavelength": self.max_wavelength}


@keras.saving.register_keras_serializable(package="whiteboard")
class LearnedPositionalEncoding(keras.layers.Layer):
    """Add a trained vector for each position.

    `outputs[..., p, :] = inputs[..., p, :] + embeddings[p]`, for p < max_length.
    Gehring et al. 2017 (ConvS2S); BERT and GPT-2 do the same.

    Args:
        max_length: Number of positions in the table.
        initializer: Initializer of the table.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(..., T, D)` with `T <= max_length`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `max_length` is not positive, the inputs have fewer than
            two axes, D is unknown, or T is greater than `max_length`. Where T is
            known only inside a compiled graph, the backend raises its own error.

    Examples:
        >>> LearnedPositionalEncoding(max_length=50)(keras.ops.zeros((2, 9, 16))).shape
        (2, 9, 16)
    """

    def __init__(self, max_length, initializer="uniform", **kwargs):
        super().__init__(**kwargs)
        require_positive(max_length=max_length)
        self.max_length = max_length
        self.initializer = keras.initializers.get(initializer)
        self.supports_masking = True

    def build(self, input_shape):
        _require_depth(self, input_shape)
        self.embeddings = self.add_weight(
            shape=(self.max_length, input_shape[-1]),
            initializer=self.initializer,
            name="embeddings",
        )
        self.built = True

    def call(self, inputs):
        length, depth = ops.shape(inputs)[-2:]
        self._require_within(length)
        # Where T is a tensor, the scope puts the reason into the backend's error.
        with keras.name_scope(f"length_must_be_at_most_max_length_{self.max_length}"):
            table = ops.convert_to_tensor(self.embeddings)  # (max_length, D)
            encoding = ops.slice(table, (0, 0), (length, depth))  # (T, D)
        return inputs + encoding  # (..., T, D)

    def compute_output_shape(self, input_shape):
        self._require_within(input_shape[-2])
        return input_shape

    def get_config(self):
        initializer = keras.initializers.serialize(self.initializer)
        config = {"max_length": self.max_length, "initializer": initializer}
        return {**super().get_config(), **config}

    def _require_within(self, length):
        if isinstance(length, int) and length > self.max_length:
            raise ValueError(
                "The sequence must not be longer than max_length. "
                f"Received: length={length}, max_length={self.max_length}"
            )


def _require_depth(layer, input_shape):
    if len(input_shape) < 2 or input_shape[-1] is None:
        raise ValueError(
            f"{type(layer).__name__} needs inputs of shape (..., length, depth) "
            f"with a known depth. Received: input_shape={input_shape}"
        )
