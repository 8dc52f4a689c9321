"""ALiBi: attention with a fixed linear penalty on distance."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.attention_position import ScoreBias
from whiteboard.transformer.relative_position_bias import relative_positions

# Shapes: B batch, H heads, T queries, S keys.


def alibi_slopes(num_heads):
    r"""One slope per head, a geometric sequence from steep to shallow.

    $$m_h = 2^{-8h / H}, \quad h = 1 \ldots H$$

    if H is a power of two. If not, the slopes of the next lower power P come first;
    then every second one of 2P, which lie between. Press et al. 2022, "Train Short,
    Test Long", section 3 and their code.

    Args:
        num_heads: Number of heads H.

    Returns:
        A float32 tensor `(H,)`.

    Raises:
        ValueError: If `num_heads` is not positive.

    Examples:
        >>> keras.ops.convert_to_numpy(alibi_slopes(4))
        array([0.25      , 0.0625    , 0.015625  , 0.00390625], dtype=float32)
    """
    require_positive(num_heads=num_heads)
    power = 2 ** int(np.log2(num_heads))
    slopes = 2.0 ** (-8 * np.arange(1, power + 1) / power)
    between = 2.0 ** (-8 * np.arange(1, 2 * power, 2) / (2 * power))
    slopes = np.concatenate([slopes, between])[:num_heads]  # (H,)
    return ops.convert_to_tensor(slopes, "float32")


@keras.saving.register_keras_serializable(package="whiteboard")
class ALiBi(ScoreBias):
    """Subtract `slope * |distance|` from the scores, with a slope for each head.

    Nothing is learned. Press et al. 2022 define it for causal attention, where a key
    is at the query or behind it; keys ahead are treated alike here.

    Args:
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        scores: Tensor `(B, H, T, S)`.
        offset: Position of the first query, an integer or integer scalar tensor.

    Returns:
        The scores with the bias added.

    Raises:
        ValueError: If the inputs do not have four axes or the number of heads is
            unknown.

    Examples:
        >>> ALiBi()(keras.ops.zeros((2, 4, 5, 5))).shape
        (2, 4, 5, 5)
    """

    def bias(self, query_length, key_length, offset=0):
        distance = ops.abs(relative_positions(query_length, key_length, offset))
        slopes = alibi_slopes(self.num_heads)[:, None, None]  # (H, 1, 1)
        return -slopes * ops.cast(distance, "float32")  # (H, T, S)
