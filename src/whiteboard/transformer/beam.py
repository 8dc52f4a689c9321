"""Beam search: the few most likely sequences, kept side by side."""

import numpy as np
from keras import ops
from scipy.special import log_softmax

from whiteboard.fundamentals import require_not_negative, require_positive

# Shapes: K beams, T tokens so far, V vocabulary.


def length_penalty(length, alpha):
    r"""By what a log-probability is divided so that long sequences are not at a loss.

    $$\mathrm{lp}(n) = \left( \frac{5 + n}{5 + 1} \right)^\alpha$$

    Source: Wu et al., "Google's Neural Machine Translation System", 2016, equation 14.

    Args:
        length: Number of tokens n, the end included: a number or an array.
        alpha: The exponent, 0 for no penalty.

    Returns:
        A number or an array like `length`.
    """
    return ((5 + np.asarray(length)) / 6) ** alpha


def beam_search(next_logits, prompt, length, num_beams, end_token=None, alpha=0.0):
    r"""Search for the continuations with the largest score.

    $$s(y) = \frac{\sum_t \log p(y_t \mid y_{<t})}{\mathrm{lp}(|y|)}$$

    At each step every beam is continued by every token, and the `num_beams` best
    candidates stay. A beam that has ended keeps its score and competes on. One beam is
    greedy search; with as many beams as there are prefixes the search is exhaustive.

    Source: Sutskever et al. 2014 (the search), Wu et al. 2016 (the score).

    Args:
        next_logits: A function from ids `(K, T)` to the logits `(K, V)` of the token
            after the last one. It is called with as many rows each time.
        prompt: Ids `(T,)`, at least one.
        length: Number of tokens to write.
        num_beams: K.
        end_token: The id that ends a sequence, which is then filled up with it.
        alpha: Exponent of the length penalty; 0 scores by the log-probability.

    Returns:
        Ids `(at most K, T + length)`, the best sequence first, and their scores, both
        NumPy arrays. There are fewer than K if fewer sequences have a probability.

    Raises:
        ValueError: If a number is out of range, `prompt` is no list of ids, or the
            logits have another shape or hold a NaN.

    Examples:
        >>> logits = np.log([[0.1, 0.9], [0.6, 0.4]])  # a Markov chain
        >>> beam_search(lambda ids: logits[ids[:, -1]], [0], length=2, num_beams=2)
        (array([[0, 1, 0], [0, 1, 1]]), array([-0.616, -1.022]))
    """
    require_positive(length=length, num_beams=num_beams)
    require_not_negative(alpha=alpha)
    ids = np.tile(_require_ids(prompt), (num_beams, 1))  # (K, T)
    scores = log_probabilities = np.where(np.arange(num_beams) == 0, 0.0, -np.inf)
    lengths, is_done = np.zeros(num_beams, int), np.zeros(num_beams, bool)
    for _ in range(length):
        step = _log_probabilities(next_logits, ids)  # (K, V)
        if is_done.any():
            step[is_done] = -np.inf
            step[is_done, end_token] = 0.0
        lengths = lengths + ~is_done
        candidates = log_probabilities[:, None] + step  # (K, V)
        ranking = candidates / length_penalty(lengths, alpha)[:, None]
        best = np.argsort(-ranking, axis=None, kind="stable")[:num_beams]
        beam, token = np.divmod(best, step.shape[1])
        ids = np.concatenate([ids[beam], token[:, None].astype("int32")], axis=1)
        log_probabilities, scores = candidates.flat[best], ranking.flat[best]
        lengths, is_done = lengths[beam], is_done[beam] | (token == end_token)
        if is_done.all():
            break
    missing = len(prompt) + length - ids.shape[1]
    ids = np.pad(ids, ((0, 0), (0, missing)), mode="edge")
    return ids[np.isfinite(scores)], scores[np.isfinite(scores)]


def _require_ids(prompt):
    prompt = np.asarray(prompt)
    if prompt.ndim != 1 or not len(prompt) or prompt.dtype.kind not in "iu":
        raise ValueError(
            "prompt must be a list of at least one id. "
            f"Received: shape={prompt.shape}, dtype={prompt.dtype}"
        )
    return prompt.astype("int32")


def _log_probabilities(next_logits, ids):
    logits = ops.convert_to_numpy(next_logits(ids))
    if logits.ndim != 2 or len(logits) != len(ids):
        raise ValueError(
            f"next_logits must return ({len(ids)}, vocabulary). "
            f"Received: shape={logits.shape}"
        )
    if not np.isfinite(logits.max(axis=-1)).all():  # NaN is the maximum of its row
        raise ValueError(
            "next_logits must return logits below inf, without NaN, and not all -inf in "
            f"a row. Received: {logits}"
        )
    return log_softmax(logits.astype("float64"), axis=-1)
