"""From a language model's logits to the next token: filters, then a draw."""

import numbers

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: ... any leading axes (usually the batch), B sequences, T tokens, V vocabulary.


def apply_temperature(logits, temperature):
    r"""Divide logits by a temperature.

    $$p_i = \frac{e^{z_i / \tau}}{\sum_j e^{z_j / \tau}}$$

    Below 1 the distribution sharpens, towards the largest logit alone as the temperature
    goes to 0; above 1 it flattens, towards the uniform one.

    Args:
        logits: A floating-point tensor `(..., V)`.
        temperature: A positive number. For its limit 0 take `greedy_tokens`.

    Returns:
        A tensor of the shape of `logits`.

    Raises:
        ValueError: If `temperature` is not positive.
    """
    require_positive(temperature=temperature)
    return ops.convert_to_tensor(logits) / temperature


def top_k_filter(logits, k):
    """Keep the k largest logits of each row; the others become -inf.

    Of equal logits the one with the smaller index ranks first, so exactly k remain.

    Source: Fan et al., "Hierarchical Neural Story Generation", 2018.

    Args:
        logits: A floating-point tensor `(..., V)`.
        k: How many to keep, an integer of at least 1. V or more keeps all.

    Returns:
        A tensor of the shape of `logits`.

    Raises:
        ValueError: If `k` is not a positive integer.

    Examples:
        >>> top_k_filter(np.array([1.0, 3.0, 2.0]), k=2)
        [-inf, 3.0, 2.0]
    """
    if not isinstance(k, numbers.Integral) or k < 1:
        raise ValueError(f"k must be a positive integer. Received: k={k}")
    logits = ops.convert_to_tensor(logits)
    ranks = ops.argsort(ops.argsort(-logits, axis=-1), axis=-1)  # 0: the largest
    return ops.where(ranks < k, logits, -np.inf)


def top_p_filter(logits, p):
    r"""Keep the smallest set of most likely tokens whose probabilities reach p.

    $$\text{keep } i \iff \sum_{j \text{ before } i} p_j < p$$

    where tokens are sorted from the most to the least likely. The token that crosses
    p is kept, so at least one always is. Called nucleus sampling with a draw after it.

    Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020.

    Args:
        logits: A floating-point tensor `(..., V)`.
        p: The probability to reach, above 0 and at most 1. 1 keeps all.

    Returns:
        A tensor of the shape of `logits`, -inf where a token is removed.

    Raises:
        ValueError: If `p` is not in (0, 1].

    Examples:
        >>> top_p_filter(np.log([0.2, 0.5, 0.3]), p=0.6)
        [-inf, -0.693, -1.204]
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1. Received: p={p}")
    logits = ops.convert_to_tensor(logits)
    if p == 1:
        return logits
    order = ops.argsort(-logits, axis=-1)
    sorted_logits = ops.take_along_axis(logits, order, axis=-1)
    probabilities = ops.softmax(ops.cast(sorted_logits, "float32"), axis=-1)
    before = ops.cumsum(probabilities, axis=-1) - probabilities
    ranks = ops.argsort(order, axis=-1)
    is_kept = ops.take_along_axis(before < p, ranks, axis=-1)
    return ops.where(is_kept, logits, -np.inf)


def penalize_repetition(logits, ids, penalty):
    r"""Make the tokens already written less likely.

    $$z_i \leftarrow z_i / \theta \text{ if } z_i > 0, \quad z_i \theta \text{ otherwise}$$

    for each i in `ids`. The paper divides in both cases, which makes a token with a
    negative logit more likely; this is the form that libraries have settled on.

    Source: Keskar et al., "CTRL", 2019, section 4.1.

    Args:
        logits: A floating-point tensor `(B, V)`.
        ids: Integer tensor `(B, T)`, the tokens written so far.
        penalty: The factor, positive; 1 changes nothing, 1.2 is the paper's.

    Returns:
        A tensor of the shape of `logits`.

    Raises:
        ValueError: If `penalty` is not positive.
    """
    require_positive(penalty=penalty)
    logits = ops.convert_to_tensor(logits)
    written = ops.any(ops.one_hot(ids, logits.shape[-1]) > 0, axis=-2)  # (B, V)
    penalized = ops.where(logits > 0, logits / penalty, logits * penalty)
    return ops.where(written, penalized, logits)


def greedy_tokens(logits):
    """Choose the most likely token of each row, the first one among equals.

    Args:
        logits: A floating-point tensor `(B, V)`.

    Returns:
        An int32 tensor `(B,)`.

    Raises:
        ValueError: If a row has a NaN, an inf or only -inf.
    """
    _require_distributions(logits)
    return ops.cast(ops.argmax(logits, axis=-1), "int32")


def sample_tokens(logits, seed=None):
    """Draw a token from the softmax of each row.

    Not for use inside a compiled function, since it looks at the values.

    Args:
        logits: A floating-point tensor `(B, V)`; -inf is a token that is never drawn.
        seed: A `keras.random.SeedGenerator`, which moves on with every call, or an
            integer, which gives the same draw at every call; `None` takes the global
            generator.

    Returns:
        An int32 tensor `(B,)`.

    Raises:
        ValueError: If a row has a NaN, an inf or only -inf, or the rank is not 2.

    Examples:
        >>> seed = keras.random.SeedGenerator(7)
        >>> sample_tokens(top_p_filter(apply_temperature(logits, 0.8), 0.9), seed)
    """
    _require_distributions(logits)
    logits = ops.cast(logits, "float32")  # TensorFlow draws from no other
    return keras.random.categorical(logits, 1, dtype="int32", seed=seed)[:, 0]


def _require_distributions(logits):
    rows = ops.convert_to_numpy(logits)
    if rows.ndim != 2 or rows.shape[-1] == 0:
        raise ValueError(
            f"logits must have shape (batch, vocabulary). Received: shape={rows.shape}"
        )
    if not np.isfinite(rows.max(axis=-1)).all():  # NaN is the maximum of its row
        raise ValueError(
            "logits must be below inf, without NaN, and not all -inf. "
            f"Received: largest of each row={rows.max(axis=-1)}"
        )
