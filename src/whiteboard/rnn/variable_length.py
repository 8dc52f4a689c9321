"""Sequences of different length in one array: padding, and how to see past it."""

import numpy as np
from keras import ops

# Shapes: B sequences, T steps of the longest one, ... features of a step.


def pad(sequences, value=0, side="right"):
    """Stack sequences of different length, filled up to the longest.

    Args:
        sequences: A list of B arrays `(T_b, ...)` that differ in length only.
        value: What fills the missing steps.
        side: `"right"` (after the last step) or `"left"` (before the first one).

    Returns:
        A NumPy array `(B, T, ...)` and the lengths, int32 `(B,)`.

    Raises:
        ValueError: If there is no sequence, the steps differ in shape, or `side` is
            neither of the two.

    Examples:
        >>> pad([[3, 1, 4], [1, 5]])
        (array([[3, 1, 4],
               [1, 5, 0]]), array([3, 2], dtype=int32))
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    shapes = {array.shape[1:] if array.ndim else None for array in arrays}
    if len(shapes) != 1 or None in shapes:
        raise ValueError(
            "sequences must be at least one array, with steps of one shape. "
            f"Received: {[array.shape for array in arrays]}"
        )
    if side not in ("left", "right"):
        raise ValueError(f"side must be 'left' or 'right'. Received: side={side!r}")
    lengths = np.array([len(array) for array in arrays], "int32")
    shape = (len(arrays), lengths.max(), *shapes.pop())
    padded = np.full(shape, value, np.result_type(*arrays))
    for row, array in zip(padded, arrays, strict=True):
        steps = (
            slice(len(array)) if side == "right" else slice(len(row) - len(array), None)
        )
        row[steps] = array
    return padded, lengths


def length_mask(lengths, max_length):
    """Boolean `(B, T)`: `True` at the steps before each length (right padding).

    Examples:
        >>> keras.ops.convert_to_numpy(length_mask([3, 1], max_length=3))
        array([[ True,  True,  True],
               [ True, False, False]])
    """
    lengths = ops.cast(lengths, "int32")
    return ops.arange(max_length, dtype="int32") < ops.expand_dims(lengths, -1)


def last_valid_step(outputs, lengths):
    """Each sequence's output at its own last step, not at the last of the array.

    Args:
        outputs: Tensor `(B, T, D)`, padded on the right.
        lengths: Integers `(B,)`, at least 1.

    Returns:
        Tensor `(B, D)`.
    """
    last = ops.cast(lengths, "int32")[:, None, None] - 1  # (B, 1, 1)
    return ops.take_along_axis(outputs, last, axis=1)[:, 0]


def masked_mean(values, mask, axis=None):
    r"""Average the valid entries only.

    $$\frac{\sum_t m_t \, v_t}{\sum_t m_t}$$

    With `axis=None` this is a loss per valid step; with `axis=1` it pools the steps
    of each sequence. Padding may hold anything, NaN too. No valid entry gives 0.

    Args:
        values: Tensor of per-step losses `(B, T)` or of outputs `(B, T, D)`.
        mask: Boolean `(B, T)`, `True` at valid steps.
        axis: Axes to average over; `None` means all.

    Returns:
        The mean, without the averaged axes.

    Raises:
        ValueError: If the mask does not have the leading axes of the values.

    Examples:
        >>> float(masked_mean(np.array([[2.0, 4.0, 99.0]]), np.array([[True, True, False]])))
        3.0
    """
    values, mask = ops.convert_to_tensor(values), ops.cast(mask, "bool")
    if tuple(mask.shape) != tuple(values.shape)[: len(mask.shape)]:
        raise ValueError(
            "mask must have the leading axes of values. Received: "
            f"mask.shape={tuple(mask.shape)}, values.shape={tuple(values.shape)}"
        )
    for _ in range(len(values.shape) - len(mask.shape)):
        mask = ops.expand_dims(mask, -1)
    mask = ops.broadcast_to(mask, ops.shape(values))
    total = ops.sum(ops.where(mask, values, 0), axis=axis)
    count = ops.sum(ops.cast(mask, values.dtype), axis=axis)
    return total / ops.maximum(count, 1)
