"""Scaled dot-product attention and the causal mask."""

import math

import keras
from keras import ops

MASKED_SCORE = -1e30  # finite: a row of -inf would softmax to NaN


def scaled_dot_product_attention(query, key, value, mask=None, bias=None):
    r"""Mix the values, each weighted by how well its key matches the query.

    $$\mathrm{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V$$

    Source: Vaswani et al., "Attention Is All You Need", 2017, equation 1.

    Scores and softmax are computed in float32 (float64 for float64 inputs), the
    results are cast back. A row whose mask allows no key gets uniform weights, as in
    a plain call of `keras.layers.MultiHeadAttention`; drop such rows downstream.

    Args:
        query: Tensor `(..., T, D)`.
        key: Tensor `(..., S, D)`.
        value: Tensor `(..., S, Dv)`.
        mask: Boolean tensor broadcastable to `(..., T, S)`; `True` where the query
            may attend to the key. `None` allows everything.
        bias: Tensor broadcastable to `(..., T, S)`, added to the scaled scores:
            a preference for some distances, say. `None` adds nothing.

    Returns:
        The output `(..., T, Dv)` and the attention weights `(..., T, S)`, whose rows
        sum to 1.

    Raises:
        ValueError: If shapes disagree, the dtypes are not one floating dtype, or the
            mask is not boolean, or mask or bias does not broadcast to `(..., T, S)`.

    Examples:
        >>> x = keras.random.normal((2, 5, 8))
        >>> output, attention_weights = scaled_dot_product_attention(x, x, x)
        >>> output.shape, attention_weights.shape
        ((2, 5, 8), (2, 5, 5))
    """
    query, key, value = map(ops.convert_to_tensor, (query, key, value))
    dtype = checked_dtype(query, key, value)
    score_dtype = "float64" if dtype == "float64" else "float32"

    query, key = ops.cast(query, score_dtype), ops.cast(key, score_dtype)
    scores = ops.einsum("...td,...sd->...ts", query, key)
    scores = scores / math.sqrt(query.shape[-1])
    if bias is not None:
        bias = ops.cast(bias, score_dtype)
        _require_broadcast("bias", bias, scores.shape)
        scores = scores + bias
    if mask is not None:
        scores = ops.where(_checked_mask(mask, scores.shape), scores, MASKED_SCORE)
    attention_weights = ops.cast(ops.softmax(scores, axis=-1), dtype)
    output = ops.einsum("...ts,...sv->...tv", attention_weights, value)
    return output, attention_weights


def causal_mask(query_length, key_length, offset=0):
    """Boolean mask that lets each query attend to its own position and the past.

    Args:
        query_length: T, a non-negative integer or integer scalar tensor.
        key_length: S, likewise.
        offset: Position of the first query, likewise; the first key is at 0. It is 0
            as in `keras.layers.MultiHeadAttention`, or the number of cached tokens.

    Returns:
        Boolean tensor `(T, S)`, `True` where `s <= t + offset`.

    Raises:
        ValueError: If an argument is negative.

    Examples:
        >>> keras.ops.convert_to_numpy(causal_mask(2, 3))
        array([[ True, False, False],
               [ True,  True, False]])
    """
    sizes = {"query_length": query_length, "key_length": key_length, "offset": offset}
    for name, size in sizes.items():
        if isinstance(size, int) and size < 0:
            raise ValueError(f"{name} must not be negative. Received: {name}={size}")
    query_positions = (
        ops.arange(query_length, dtype="int32")[:, None] + offset
    )  # (T, 1)
    key_positions = ops.arange(key_length, dtype="int32")[None, :]  # (1, S)
    return query_positions >= key_positions  # (T, S)


def checked_dtype(query, key, value):
    """The inputs' dtype, once shapes and dtypes are found to agree."""
    q, k, v = (tuple(tensor.shape) for tensor in (query, key, value))
    requirements = {
        "have the same rank, at least 2": len(q) == len(k) == len(v) >= 2,
        "agree in the last dimension (query, key)": shapes_agree(q[-1:], k[-1:]),
        "agree in the length (key, value)": shapes_agree(k[-2:-1], v[-2:-1]),
        "agree in the batch dimensions": shapes_agree(q[:-2], k[:-2], v[:-2]),
    }
    for requirement, is_met in requirements.items():
        if not is_met:
            raise ValueError(
                f"query, key and value must {requirement}. "
                f"Received: query.shape={q}, key.shape={k}, value.shape={v}"
            )
    dtypes = [keras.backend.standardize_dtype(x.dtype) for x in (query, key, value)]
    if len(set(dtypes)) > 1 or not keras.backend.is_float_dtype(dtypes[0]):
        raise ValueError(
            "query, key and value must have one floating dtype. "
            f"Received: {', '.join(dtypes)}"
        )
    return dtypes[0]


def _checked_mask(mask, scores_shape):
    mask = ops.convert_to_tensor(mask)
    dtype = keras.backend.standardize_dtype(mask.dtype)
    if dtype != "bool":
        raise ValueError(
            "mask must be boolean, True where the query may attend to the key. "
            f"Received: mask.dtype={dtype}"
        )
    _require_broadcast("mask", mask, scores_shape)
    return mask


def _require_broadcast(name, tensor, scores_shape):
    shape, scores_shape = tuple(tensor.shape), tuple(scores_shape)
    sizes = zip(shape[::-1], scores_shape[::-1], strict=False)
    broadcasts = all(
        size == 1 or shapes_agree([size], [other]) for size, other in sizes
    )
    if len(shape) > len(scores_shape) or not broadcasts:
        raise ValueError(
            f"{name} must broadcast to the scores' shape {scores_shape}. "
            f"Received: {name}.shape={shape}"
        )


def shapes_agree(*shapes):
    """Whether the static shapes can be equal, where None is unknown."""
    return all(len(set(sizes) - {None}) <= 1 for sizes in zip(*shapes, strict=False))
