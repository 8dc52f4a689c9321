"""The keys and values of the tokens so far, kept while a decoder writes."""

from keras import ops

from whiteboard.transformer.attention import shapes_agree


def write_to_cache(cache, key, value, index):
    """Put the keys and values of T new tokens behind those that are cached.

    Args:
        cache: Tensor `(B, 2, G, L, Dk)`: keys, then values, of G heads and L places.
        key: Tensor `(B, G, T, Dk)`, rotated already where positions rotate.
        value: Tensor `(B, G, T, Dk)`.
        index: Number of tokens written, an integer or integer scalar tensor. A tensor
            is not checked: beyond `L - T` the backend moves it back or raises.

    Returns:
        The new cache, `(B, 2, G, L, Dk)`.

    Raises:
        ValueError: If the shapes disagree, the index is missing or negative, or the
            new tokens do not fit.

    Examples:
        >>> cache = keras.ops.zeros((1, 2, 4, 10, 8))
        >>> token = keras.ops.ones((1, 4, 1, 8))
        >>> write_to_cache(cache, token, token, index=3).shape
        (1, 2, 4, 10, 8)
    """
    batch, groups, new, depth = key.shape
    expected = (batch, 2, groups, cache.shape[-2], depth)
    if len(cache.shape) != 5 or not shapes_agree(cache.shape, expected):
        raise ValueError(
            f"cache must have shape {expected}, as empty_cache(batch_size, length) "
            f"makes it for these inputs. Received: cache.shape={tuple(cache.shape)}"
        )
    if index is None or (isinstance(index, int) and index < 0):
        raise ValueError(
            "cache_index must be the number of tokens in the cache. "
            f"Received: cache_index={index}"
        )
    length = cache.shape[3]
    if isinstance(index, int) and index + new > length:
        raise ValueError(
            f"cache_index must leave room for the new tokens, {new} of {length}. "
            f"Received: cache_index={index}"
        )
    entry = ops.cast(ops.stack([key, value], axis=1), cache.dtype)  # (B, 2, G, T, Dk)
    return ops.slice_update(cache, (0, 0, 0, index, 0), entry)
