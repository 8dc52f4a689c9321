"""Which sequences to batch together, and how many steps are wasted on padding."""

import numpy as np

from whiteboard.fundamentals import require_positive


def bucket_by_length(lengths, batch_size, pool_size=None, seed=0):
    """Shuffle, sort pools of the shuffled sequences by length, cut them into batches.

    A pool of one batch is plain shuffling (no bucketing); a pool of all sequences is
    a full sort. In between, batches stay random while lengths in a batch are close.
    The batches are shuffled too, so training does not see short ones first.

    Args:
        lengths: Integers `(N,)`.
        batch_size: Sequences per batch; the last batch may be smaller.
        pool_size: Sequences per pool, `None` for all.
        seed: Seed of `numpy.random.default_rng`.

    Returns:
        A list of integer arrays, the indices of each batch. Each index is in one.

    Raises:
        ValueError: If `lengths` is empty or holds one below 1, or `batch_size` or
            `pool_size` is not positive.

    Examples:
        >>> bucket_by_length([5, 1, 5, 1], batch_size=2)
        [array([0, 2]), array([3, 1])]
    """
    lengths = _checked(lengths)
    pool_size = len(lengths) if pool_size is None else pool_size
    require_positive(batch_size=batch_size, pool_size=pool_size)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths))
    pools = [order[i : i + pool_size] for i in range(0, len(order), pool_size)]
    order = np.concatenate([pool[np.argsort(lengths[pool])] for pool in pools])
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    rng.shuffle(batches)
    return batches


def padded_steps(lengths, batches):
    """Steps that are computed if each batch is padded to its own longest sequence."""
    lengths = _checked(lengths)
    return int(sum(len(batch) * lengths[batch].max() for batch in batches))


def pack(sequences):
    """Lay sequences of different length out step by step, without padding.

    Sort by length, longest first; then all first steps, all second steps, and so on.
    Step t holds only the sequences that are that long, so a recurrent layer updates
    the first `batch_sizes[t]` rows of its state. The layout of PyTorch's
    `torch.nn.utils.rnn.pack_sequence`.

    Args:
        sequences: A list of arrays `(T_b, ...)` with steps of one shape.

    Returns:
        `data`, the sum of all lengths by the shape of a step; `batch_sizes`, one
        integer a step; and `order`, which sequence each row of the state belongs to.

    Raises:
        ValueError: If there is no sequence or an empty one.

    Examples:
        >>> data, batch_sizes, order = pack([[7], [1, 2, 3]])
        >>> data, batch_sizes, order
        (array([1, 7, 2, 3]), array([2, 1, 1]), array([1, 0]))
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    lengths = _checked([len(array) for array in arrays])
    order = np.argsort(-lengths, kind="stable")
    steps = range(lengths.max())
    batch_sizes = np.array([(lengths > t).sum() for t in steps])
    data = [arrays[row][t] for t in steps for row in order[: batch_sizes[t]]]
    return np.stack(data), batch_sizes, order


def _checked(lengths):
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or lengths.size == 0 or lengths.min() < 1:
        raise ValueError(
            "there must be at least one sequence, and each of at least one step. "
            f"Received: lengths={lengths.tolist()}"
        )
    return lengths
