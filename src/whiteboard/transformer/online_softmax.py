"""A softmax average of values that arrive in blocks."""

from keras import ops

from whiteboard.transformer.attention import MASKED_SCORE

NOTHING_SEEN = (MASKED_SCORE, 0.0, 0.0)


def online_softmax_step(state, scores, value):
    r"""Fold one block of keys into the running softmax average.

    With $m$ the maximum before the block and $m'$ the one after it:

    $$\ell' = e^{m - m'} \ell + \sum_s e^{z_s - m'}, \qquad
    a' = e^{m - m'} a + \sum_s e^{z_s - m'} v_s$$

    Source: Milakov & Gimelshein, "Online normalizer calculation for softmax", 2018;
    with values, Rabe & Staats 2021. After the last block `mixed / total` is the softmax
    average of all values and `maximum + log(total)` the log-sum-exp of all scores. Both
    are the same for any maximum, so no gradient goes through it.

    Args:
        state: `(maximum, total, mixed)` of the blocks before, of shapes `(..., T, 1)`,
            `(..., T, 1)` and `(..., T, Dv)`; `NOTHING_SEEN` at first.
        scores: Tensor `(..., T, S)` of a block of S keys.
        value: Tensor `(..., S, Dv)` of the same keys.

    Returns:
        The new state.

    Examples:
        >>> scores, value = keras.random.normal((2, 6)), keras.random.normal((6, 3))
        >>> state = online_softmax_step(NOTHING_SEEN, scores[:, :4], value[:4])
        >>> maximum, total, mixed = online_softmax_step(state, scores[:, 4:], value[4:])
        >>> (mixed / total).shape
        (2, 3)
    """
    scores, value = ops.convert_to_tensor(scores), ops.convert_to_tensor(value)
    maximum, total, mixed = state
    block_maximum = ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    new_maximum = ops.maximum(maximum, block_maximum)  # (..., T, 1)
    rescale = ops.exp(maximum - new_maximum)  # (..., T, 1)
    weights = ops.exp(scores - new_maximum)  # (..., T, S)
    total = rescale * total + ops.sum(weights, axis=-1, keepdims=True)
    mixed = rescale * mixed + ops.matmul(weights, value)  # (..., T, Dv)
    return new_maximum, total, mixed
