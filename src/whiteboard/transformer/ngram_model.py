"""The language model before neural ones: count what followed each context."""

import numpy as np

from whiteboard.fundamentals import require_below_one, require_positive

# Shapes: M tokens, M - order predicted ones.


class NGramModel:
    r"""Predict a token from the `order - 1` before it, by counting.

    $$p_k(w \mid c) = \frac{\max(n(c, w) - \delta, 0)}{n(c)}
    + \frac{\delta \, t(c)}{n(c)} \, p_{k-1}(w \mid c')$$

    n counts in the training tokens, t(c) is the number of different tokens that
    followed c, and c' is c without its first token; a context never seen leaves
    $p_{k-1}$. Absolute discounting: Ney, Essen & Kneser 1994.

    Args:
        order: k, the tokens of the longest counted run.
        vocabulary_size: V; below all counts stands the uniform 1 / V.
        discount: $\delta$, what each count gives to the shorter contexts, in [0, 1).

    Attributes:
        num_counts: After `fit`, the number of counts it keeps: its parameters.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> model = NGramModel(order=3, vocabulary_size=2).fit(np.array([0, 1] * 50))
        >>> model.loss(np.array([0, 1] * 50)) < 0.02
        True
    """

    def __init__(self, order, vocabulary_size, discount=0.75):
        require_positive(order=order, vocabulary_size=vocabulary_size)
        require_below_one(discount=discount)
        self.order = order
        self.vocabulary_size = vocabulary_size
        self.discount = discount

    def fit(self, tokens):
        """Count the runs of 1 to `order` tokens in `(M,)` integers."""
        contexts, next_tokens = self._contexts_and_next(tokens)
        self.runs, self.contexts = [], []
        for context in contexts:
            runs, counts = np.unique(
                context * self.vocabulary_size + next_tokens, return_counts=True
            )
            starts = runs // self.vocabulary_size  # sorted, as the runs are
            seen, first = np.unique(starts, return_index=True)
            totals = np.add.reduceat(counts, first)
            followers = np.diff(first, append=len(runs))
            self.runs.append((runs, counts))
            self.contexts.append((seen, totals, followers))
        self.num_counts = sum(len(runs) for runs, _ in self.runs)
        return self

    def probabilities(self, tokens):
        """The probability of each token after the first `order - 1`."""
        contexts, next_tokens = self._contexts_and_next(tokens)
        p = np.full(len(next_tokens), 1 / self.vocabulary_size)
        for context, runs, seen in zip(contexts, self.runs, self.contexts, strict=True):
            count = _look_up(context * self.vocabulary_size + next_tokens, *runs)
            total, followers = (_look_up(context, seen[0], x) for x in seen[1:])
            kept = np.maximum(count - self.discount, 0)
            mixed = (kept + self.discount * followers * p) / np.maximum(total, 1)
            p = np.where(total > 0, mixed, p)
        return p

    def loss(self, tokens):
        """The cross-entropy in nats a token."""
        return -np.log(self.probabilities(tokens)).mean()

    def _contexts_and_next(self, tokens):
        """For k = 1 to `order`, the k - 1 tokens before each, as one number."""
        tokens = np.asarray(tokens)
        if tokens.ndim != 1 or len(tokens) < self.order:
            raise ValueError(
                f"tokens must have one axis and at least {self.order} entries. "
                f"Received: tokens.shape={tokens.shape}"
            )
        if tokens.dtype.kind not in "iu" or not (
            tokens.min() >= 0 and tokens.max() < self.vocabulary_size
        ):
            raise ValueError(
                f"tokens must be integers from 0 to {self.vocabulary_size - 1}. Received: "
                f"dtype={tokens.dtype}, from {tokens.min()} to {tokens.max()}"
            )
        windows = np.lib.stride_tricks.sliding_window_view(tokens, self.order)
        powers = self.vocabulary_size ** np.arange(self.order)[::-1]
        contexts = [
            windows[:, self.order - k : -1] @ powers[self.order - k + 1 :]
            for k in range(1, self.order + 1)
        ]
        return contexts, windows[:, -1].astype("int64")


def _look_up(keys, known, values):
    """The value of each key, 0 for one not among the sorted known ones."""
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, values[place], 0)
