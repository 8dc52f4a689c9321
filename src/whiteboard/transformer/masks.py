"""Masks of sequences that are not plain past to present: packed ones, prefixes."""

from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.attention import causal_mask

# True: the query may attend to the key. B rows, T tokens of a row.


def packed_mask(segment_ids):
    r"""Let each token attend to its own sequence only, of those packed into one row.

    $$M_{ts} = [\mathrm{segment}_t = \mathrm{segment}_s]$$

    The mask is block-diagonal. For a decoder combine it with `causal_mask`.

    Args:
        segment_ids: Integers `(B, T)` or `(T,)`: tokens of one sequence stand together
            and share a number. Padding gets a number of its own.

    Returns:
        Boolean tensor `(B, T, T)` or `(T, T)`.

    Raises:
        ValueError: If `segment_ids` has another rank.

    Examples:
        >>> keras.ops.convert_to_numpy(packed_mask([1, 1, 2])).astype(int)
        array([[1, 1, 0],
               [1, 1, 0],
               [0, 0, 1]])
    """
    segment_ids = _checked_segments(segment_ids)
    return ops.expand_dims(segment_ids, -1) == ops.expand_dims(segment_ids, -2)


def packed_positions(segment_ids):
    """Number the tokens of each packed sequence from 0, as if it stood alone.

    Args:
        segment_ids: Integers `(B, T)` or `(T,)`, as for `packed_mask`.

    Returns:
        int32 tensor of the same shape.

    Raises:
        ValueError: If `segment_ids` has another rank.

    Examples:
        >>> keras.ops.convert_to_numpy(packed_positions([1, 1, 1, 2, 2]))
        array([0, 1, 2, 0, 1], dtype=int32)
    """
    same_segment = packed_mask(segment_ids)  # (..., T, T)
    return ops.sum(ops.tril(ops.cast(same_segment, "int32")), axis=-1) - 1


def prefix_mask(prefix_lengths, length):
    r"""Let every token attend to the whole prefix, and else to the past.

    $$M_{ts} = [s \le t \;\mathrm{or}\; s < \mathrm{prefix}]$$

    The mask of a prefix language model: Raffel et al., "Exploring the Limits of
    Transfer Learning with a Unified Text-to-Text Transformer", 2020, section 3.2.1.

    Args:
        prefix_lengths: Integers `(B,)`, or one integer; 0 is a causal mask.
        length: T, a positive integer.

    Returns:
        Boolean tensor `(B, T, T)`, or `(T, T)` for one prefix length.

    Raises:
        ValueError: If `length` is not positive or `prefix_lengths` has another rank.

    Examples:
        >>> keras.ops.convert_to_numpy(prefix_mask(2, length=3)).astype(int)
        array([[1, 1, 0],
               [1, 1, 0],
               [1, 1, 1]])
    """
    prefix_lengths = ops.convert_to_tensor(prefix_lengths, "int32")
    require_positive(length=length)
    if len(prefix_lengths.shape) > 1:
        raise ValueError(
            "prefix_lengths must be one integer or have shape (batch,). "
            f"Received: prefix_lengths.shape={tuple(prefix_lengths.shape)}"
        )
    key_positions = ops.arange(length, dtype="int32")  # (T,)
    in_prefix = key_positions < prefix_lengths[..., None, None]  # (..., 1, T)
    return ops.logical_or(causal_mask(length, length), in_prefix)


def _checked_segments(segment_ids):
    segment_ids = ops.convert_to_tensor(segment_ids, "int32")
    if len(segment_ids.shape) not in (1, 2):
        raise ValueError(
            "segment_ids must have shape (batch, tokens) or (tokens,). "
            f"Received: segment_ids.shape={tuple(segment_ids.shape)}"
        )
    return segment_ids
