"""Attention to the nearest tokens only, at linear cost."""

from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.attention import checked_dtype, scaled_dot_product_attention


def sliding_window_mask(query_length, key_length, window, offset=0):
    """Boolean mask that lets each query attend to its own position and those before it.

    Source: Child et al. 2019; Beltagy et al., "Longformer", 2020; causal, as here, in
    Jiang et al., "Mistral 7B", 2023.

    Args:
        query_length: T, a non-negative integer or integer scalar tensor.
        key_length: S, likewise.
        window: How many positions a query may attend to, itself included.
        offset: Position of the first query; the first key is at 0.

    Returns:
        Boolean tensor `(T, S)`, `True` where `t + offset - window < s <= t + offset`.

    Raises:
        ValueError: If `window` is not positive.

    Examples:
        >>> keras.ops.convert_to_numpy(sliding_window_mask(3, 3, window=2))
        array([[ True, False, False],
               [ True,  True, False],
               [False,  True,  True]])
    """
    require_positive(window=window)
    query_positions = ops.arange(query_length, dtype="int32")[:, None] + offset
    age = query_positions - ops.arange(key_length, dtype="int32")  # (T, S)
    return ops.logical_and(age >= 0, age < window)


def sliding_window_attention(query, key, value, window):
    """Attention under `sliding_window_mask`, without the scores that it would discard.

    The sequence is cut into chunks of `window` tokens. A query finds all its keys in
    its own chunk and the one before: `2 * window` scores instead of T. This is the
    chunked form of Beltagy et al. 2020.

    Args:
        query: Tensor `(..., T, D)`.
        key: Tensor `(..., T, D)`.
        value: Tensor `(..., T, Dv)`.
        window: How many positions a query may attend to, itself included.

    Returns:
        The output `(..., T, Dv)`.

    Raises:
        ValueError: If shapes or dtypes disagree, the length is unknown or not the same
            for queries and keys, or `window` is not positive.

    Examples:
        >>> x = keras.random.normal((2, 10, 8))
        >>> sliding_window_attention(x, x, x, window=4).shape
        (2, 10, 8)
    """
    require_positive(window=window)
    query, key, value = map(ops.convert_to_tensor, (query, key, value))
    checked_dtype(query, key, value)
    length = query.shape[-2]
    if length is None or length != key.shape[-2]:
        raise ValueError(
            "query and key must have one known length. "
            f"Received: query.shape={tuple(query.shape)}, key.shape={tuple(key.shape)}"
        )
    query, key, value = (_chunk(x, window) for x in (query, key, value))
    mask = sliding_window_mask(window, 2 * window, window, offset=window)
    chunks = ops.arange(query.shape[-3])[:, None, None]  # (C, 1, 1)
    is_in_sequence = ops.logical_or(chunks > 0, ops.arange(2 * window) >= window)
    output, _ = scaled_dot_product_attention(
        query,  # (..., C, W, D)
        _with_previous_chunk(key),  # (..., C, 2 W, D)
        _with_previous_chunk(value),
        ops.logical_and(mask, is_in_sequence),  # (C, W, 2 W)
    )
    joined = (*ops.shape(output)[:-3], -1, output.shape[-1])
    return ops.reshape(output, joined)[..., :length, :]


def _chunk(x, window):
    """(..., T, D) -> (..., C, W, D), the last of the C chunks filled up with zeros."""
    *leading, length, depth = ops.shape(x)
    padding = [(0, 0)] * len(leading) + [(0, -length % window), (0, 0)]
    return ops.reshape(ops.pad(x, padding), (*leading, -1, window, depth))


def _with_previous_chunk(chunks):
    """(..., C, W, D) -> (..., C, 2 W, D): each chunk behind the one before it."""
    before = ops.concatenate([0 * chunks[..., :1, :, :], chunks[..., :-1, :, :]], -3)
    return ops.concatenate([before, chunks], axis=-2)
