"""Generated sequence tasks whose best possible result is known."""

import numpy as np

# Shapes: N sequences, T steps.


def recall_task(num_sequences, lag, num_tokens=2, noise=0.1, seed=None):
    r"""Draw sequences that show a token first and ask for it `lag` noisy steps later.

    $$x_1 = e_y, \quad x_{1+k} = \sigma \epsilon_k \ \ (k = 1, \dots, \mathrm{lag})$$

    Guessing is right for 1 in `num_tokens` sequences, remembering for all.

    Args:
        num_sequences: N.
        lag: Number of noisy steps after the token; T = lag + 1.
        num_tokens: Number of tokens, as many as there are features.
        noise: Standard deviation of the later steps, $\sigma$.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        `(x, y)`: float32 `(N, lag + 1, num_tokens)` and int32 `(N,)`.

    Raises:
        ValueError: If a number is too small.

    Example:

    >>> x, y = recall_task(64, lag=100, seed=7)
    >>> x.shape, y.shape
    ((64, 101, 2), (64,))
    """
    _require_at_least(1, num_sequences=num_sequences)
    _require_at_least(2, num_tokens=num_tokens)
    _require_at_least(0, lag=lag, noise=noise)
    rng = np.random.default_rng(seed)
    y = rng.integers(num_tokens, size=num_sequences)
    x = noise * rng.normal(size=(num_sequences, lag + 1, num_tokens))
    x[:, 0] = np.eye(num_tokens)[y]
    return x.astype("float32"), y.astype("int32")


def counting_task(num_sequences, max_count, seed=None):
    r"""Draw words $a^n b^m$ and ask whether n equals m.

    n is uniform on 1 to `max_count`. Every second word is balanced; in the others m
    is uniform on the other numbers of that range.

    Args:
        num_sequences: N.
        max_count: The largest n and m, at least 2; T = 2 max_count.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        `(x, y)`: float32 `(N, T, 2)`, each step `[1, 0]` for a, `[0, 1]` for b and
        `[0, 0]` for the padding at the end, and int32 `(N,)`, 1 if balanced.

    Raises:
        ValueError: If a number is too small.

    Example:

    >>> x, y = counting_task(2, max_count=20, seed=7)
    >>> x.shape, y
    ((2, 40, 2), array([1, 0], dtype=int32))
    """
    _require_at_least(1, num_sequences=num_sequences)
    _require_at_least(2, max_count=max_count)
    rng = np.random.default_rng(seed)
    y = (np.arange(num_sequences) + 1) % 2
    n = rng.integers(1, max_count + 1, size=num_sequences)
    shift = rng.integers(1, max_count, size=num_sequences)
    m = np.where(y, n, (n - 1 + shift) % max_count + 1)
    step, n, m = np.arange(2 * max_count), n[:, None], m[:, None]
    x = np.stack([step < n, (step >= n) & (step < n + m)], axis=-1)
    return x.astype("float32"), y.astype("int32")


def lookahead_task(num_sequences, length, horizon=4, seed=None):
    r"""Draw noise and ask at each step for the sign of the sum of the next `horizon`.

    $$y_t = [x_{t+1} + \dots + x_{t+H} > 0], \quad x_t \sim N(0, 1)$$

    The best accuracy of a model that sees r of the H steps ahead is
    $\frac{1}{2} + \frac{1}{\pi} \arcsin \sqrt{r / H}$: one half if it sees none.

    Args:
        num_sequences: N.
        length: T. H more steps are drawn to label the last ones, and not returned.
        horizon: H.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        `(x, y)`: float32 `(N, T, 1)` and int32 `(N, T)`.

    Raises:
        ValueError: If a number is too small.

    Example:

    >>> x, y = lookahead_task(64, length=30, seed=7)
    >>> x.shape, y.shape
    ((64, 30, 1), (64, 30))
    """
    _require_at_least(1, num_sequences=num_sequences, length=length, horizon=horizon)
    x = np.random.default_rng(seed).normal(size=(num_sequences, length + horizon))
    total = np.cumsum(x, axis=1)
    y = total[:, horizon:] > total[:, :-horizon]
    return x[:, :length, None].astype("float32"), y.astype("int32")


def _require_at_least(minimum, **arguments):
    for name, value in arguments.items():
        if not value >= minimum:
            raise ValueError(
                f"{name} must be at least {minimum}. Received: {name}={value}"
            )
