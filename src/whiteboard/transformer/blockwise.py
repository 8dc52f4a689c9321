"""Exact attention that never holds all scores at once."""

import math

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.attention import MASKED_SCORE, checked_dtype
from whiteboard.transformer.online_softmax import NOTHING_SEEN, online_softmax_step


def blockwise_attention(query, key, value, block_size=128, allowed=None):
    r"""`scaled_dot_product_attention`, one block of keys at a time.

    The output is the same up to rounding, and so is the work. At any time there are the
    scores of one block, `T * block_size` numbers instead of `T * S`.

    Source: Rabe & Staats, "Self-attention Does Not Need O(n^2) Memory", 2021; as one
    GPU kernel, Dao et al., "FlashAttention", 2022.

    Automatic differentiation keeps the weights of every block, `T * S` numbers again;
    `blockwise_attention_gradients` computes them anew instead.

    Args:
        query: Tensor `(..., T, D)`.
        key: Tensor `(..., S, D)`.
        value: Tensor `(..., S, Dv)`.
        block_size: Keys in a block, a positive integer.
        allowed: Function of the positions of the queries, `(T, 1)`, and of the keys of
            a block, `(1, block_size)`: a boolean tensor `(T, block_size)`, `True` where
            a query may attend. Causal: `lambda t, s: s <= t`. `None` allows everything.

    Returns:
        The output `(..., T, Dv)`, and for each query the log-sum-exp of its scores
        `(..., T, 1)`: what two halves of the keys need to be merged.

    Raises:
        ValueError: If shapes disagree, the dtypes are not one floating dtype, the
            lengths are unknown or there is no key, or `block_size` is not positive.

    Examples:
        >>> x = keras.random.normal((2, 300, 8))
        >>> output, log_sum_exp = blockwise_attention(x, x, x, allowed=lambda t, s: s <= t)
        >>> output.shape, log_sum_exp.shape
        ((2, 300, 8), (2, 300, 1))
    """
    query, key, value = map(ops.convert_to_tensor, (query, key, value))
    dtype = checked_dtype(query, key, value)
    query, key, value = _in_full_precision(query, key, value)
    state = NOTHING_SEEN
    for block in _key_blocks(query, key, block_size):
        scores = _block_scores(query, key, block, allowed)  # (..., T, block_size)
        state = online_softmax_step(state, scores, value[..., block, :])
    maximum, total, mixed = state
    return ops.cast(mixed / total, dtype), maximum + ops.log(total)


def blockwise_attention_gradients(
    query, key, value, upstream, block_size=128, allowed=None
):
    r"""Gradients of `blockwise_attention`, with the weights computed a second time.

    $$dV = A^\top dO, \qquad
    dZ = A \circ \left(dO\,V^\top - \mathrm{rowsum}(dO \circ O)\right)$$
    $$dQ = dZ\,K / \sqrt{d_k}, \qquad dK = dZ^\top Q / \sqrt{d_k}$$

    Source: Dao et al., "FlashAttention", 2022, appendix B.2. From the forward pass only
    the output and the log-sum-exp are kept, `T * (Dv + 1)` numbers.

    Args:
        query: Tensor `(..., T, D)`.
        key: Tensor `(..., S, D)`.
        value: Tensor `(..., S, Dv)`.
        upstream: Gradient of the loss with respect to the output, `(..., T, Dv)`.
        block_size: As in `blockwise_attention`.
        allowed: As in `blockwise_attention`. Each query must have a key that it may
            attend to.

    Returns:
        The gradients with respect to query, key and value, each of their shape.

    Raises:
        ValueError: As `blockwise_attention`.
    """
    output, log_sum_exp = blockwise_attention(query, key, value, block_size, allowed)
    query, key, value, output, upstream = _in_full_precision(
        query, key, value, output, upstream
    )
    shared = ops.sum(upstream * output, axis=-1, keepdims=True)  # (..., T, 1)
    query_gradient, key_gradients, value_gradients = 0.0, [], []
    for block in _key_blocks(query, key, block_size):
        scores = _block_scores(query, key, block, allowed)
        weights = ops.exp(scores - log_sum_exp)  # (..., T, block_size)
        weights_gradient = ops.einsum(
            "...tv,...sv->...ts", upstream, value[..., block, :]
        )
        scores_gradient = weights * (weights_gradient - shared)
        scores_gradient = scores_gradient / math.sqrt(query.shape[-1])
        query_gradient += ops.matmul(scores_gradient, key[..., block, :])
        key_gradients.append(ops.einsum("...ts,...td->...sd", scores_gradient, query))
        value_gradients.append(ops.einsum("...ts,...tv->...sv", weights, upstream))
    key_gradient = ops.concatenate(key_gradients, axis=-2)
    return query_gradient, key_gradient, ops.concatenate(value_gradients, axis=-2)


def _in_full_precision(*tensors):
    """At least float32, as in `scaled_dot_product_attention`."""
    dtype = keras.backend.result_type(tensors[0].dtype, "float32")
    return [ops.cast(tensor, dtype) for tensor in tensors]


def _key_blocks(query, key, block_size):
    """The slices of the keys, the last one possibly shorter."""
    require_positive(block_size=block_size)
    lengths = query.shape[-2], key.shape[-2]
    if None in lengths or key.shape[-2] == 0:
        raise ValueError(
            "query and key must have known lengths, and at least one key. "
            f"Received: query.shape={tuple(query.shape)}, key.shape={tuple(key.shape)}"
        )
    starts = range(0, key.shape[-2], block_size)
    return [slice(start, min(start + block_size, key.shape[-2])) for start in starts]


def _block_scores(query, key, block, allowed):
    scores = ops.einsum("...td,...sd->...ts", query, key[..., block, :])
    scores = scores / math.sqrt(query.shape[-1])  # (..., T, block_size)
    if allowed is None:
        return scores
    query_positions = ops.arange(query.shape[-2], dtype="int32")[:, None]
    key_positions = ops.arange(block.start, block.stop, dtype="int32")[None, :]
    return ops.where(allowed(query_positions, key_positions), scores, MASKED_SCORE)
