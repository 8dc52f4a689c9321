"""Rotary position embedding: queries and keys are turned by their positions."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.attention_position import AttentionPosition

# Shapes: ... any leading axes (usually batch and heads), T positions, Dk key_dim.


def apply_rotary_embedding(
    inputs, offset=0, max_wavelength=10_000.0, scaling_factor=1.0
):
    r"""Turn column pair `(i, i + Dk / 2)` of position p by the angle `p * omega_i`.

    $$\begin{pmatrix} x_i \\ x_{i + d_k/2} \end{pmatrix} \mapsto
    \begin{pmatrix} \cos p\omega_i & -\sin p\omega_i \\
    \sin p\omega_i & \cos p\omega_i \end{pmatrix}
    \begin{pmatrix} x_i \\ x_{i + d_k/2} \end{pmatrix}, \quad
    \omega_i = \mathrm{max\_wavelength}^{-2i / d_k}$$

    Su et al. 2021, "RoFormer", section 3.2. The pairs are those of GPT-NeoX, Llama in
    Hugging Face and KerasHub; the paper pairs the neighbours `(2i, 2i + 1)`, which is
    the same up to the order of the columns. It is computed in float32 at least, and
    angles in float64 where the positions are known beforehand.

    Args:
        inputs: Tensor `(..., T, Dk)`, queries or keys.
        offset: Position of the first row, an integer or integer scalar tensor.
        max_wavelength: Sets the slowest frequency, also called the base or theta.
        scaling_factor: Divides the positions: with L' / L a model trained on L of them
            takes L' without a new angle (position interpolation, Chen et al. 2023).

    Returns:
        A tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: If `inputs` has fewer than two axes or an odd or unknown Dk, or
            `max_wavelength` or `scaling_factor` is not positive.

    Examples:
        >>> apply_rotary_embedding(keras.ops.ones((2, 4, 10, 16))).shape
        (2, 4, 10, 16)
    """
    require_positive(max_wavelength=max_wavelength, scaling_factor=scaling_factor)
    inputs = ops.convert_to_tensor(inputs)
    _require_pairs(inputs.shape)
    length, key_dim = ops.shape(inputs)[-2:]
    xp = ops if ops.is_tensor(length) or ops.is_tensor(offset) else np

    positions = xp.add(xp.arange(length, dtype="float32"), offset)  # (T,)
    frequencies = max_wavelength ** (-2.0 * np.arange(key_dim // 2) / key_dim)
    angles = xp.outer(positions, frequencies / scaling_factor)  # (T, Dk / 2)

    dtype = keras.backend.result_type(inputs.dtype, "float32")
    cosine, sine = ops.cast(xp.cos(angles), dtype), ops.cast(xp.sin(angles), dtype)
    first, second = ops.split(ops.cast(inputs, dtype), 2, axis=-1)  # (..., T, Dk / 2)
    turned = [first * cosine - second * sine, first * sine + second * cosine]
    return ops.cast(ops.concatenate(turned, axis=-1), inputs.dtype)  # (..., T, Dk)


@keras.saving.register_keras_serializable(package="whiteboard")
class RotaryEmbedding(AttentionPosition):
    """Rotate queries and keys, so that a score depends on the offset alone.

    `MultiHeadAttention(position=RotaryEmbedding())` does so for both. It has no
    weights. Su et al. 2021, "RoFormer".

    Args:
        max_wavelength: See `apply_rotary_embedding`.
        scaling_factor: Likewise.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Tensor `(..., T, Dk)` with an even Dk.
        offset: Position of the first row, an integer or integer scalar tensor.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: As `apply_rotary_embedding`.

    Examples:
        >>> RotaryEmbedding()(keras.ops.ones((2, 4, 10, 16)), offset=3).shape
        (2, 4, 10, 16)
    """

    def __init__(self, max_wavelength=10_000.0, scaling_factor=1.0, **kwargs):
        super().__init__(**kwargs)
        require_positive(max_wavelength=max_wavelength, scaling_factor=scaling_factor)
        self.max_wavelength = max_wavelength
        self.scaling_factor = scaling_factor

    def build(self, input_shape):
        _require_pairs(input_shape)
        self.built = True

    def rotate(self, inputs, offset=0):
        return apply_rotary_embedding(
            inputs, offset, self.max_wavelength, self.scaling_factor
        )

    def call(self, inputs, offset=0):
        return self.rotate(inputs, offset)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = {
            "max_wavelength": self.max_wavelength,
            "scaling_factor": self.scaling_factor,
        }
        return {**super().get_config(), **config}


def _require_pairs(shape):
    if len(shape) < 2 or shape[-1] is None or shape[-1] % 2:
        raise ValueError(
            "Rotary embedding needs inputs of shape (..., length, key_dim) with an even "
            f"key_dim. Received: shape={tuple(shape)}"
        )
