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

    Examples:
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

    Examples:
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

    Examples:
        >>> x, y = lookahead_task(64, length=30, seed=7)
        >>> x.shape, y.shape
        ((64, 30, 1), (64, 30))
    """
    _require_at_least(1, num_sequences=num_sequences, length=length, horizon=horizon)
    x = np.random.default_rng(seed).normal(size=(num_sequences, length + horizon))
    total = np.cumsum(x, axis=1)
    y = total[:, horizon:] > total[:, :-horizon]
    return x[:, :length, None].astype("float32"), y.astype("int32")


def repetition_task(
    num_sequences, length, num_tokens=16, shortest=4, longest=8, seed=None
):
    r"""Draw distinct tokens, repeat them over and over, and ask for each next one.

    $$x_{t+p} = x_t$$

    The period p is uniform on `shortest` to `longest`, and hidden. The next token is
    known from t = p on: find where the current one stood before, take what followed.

    Args:
        num_sequences: N.
        length: T, above `longest`.
        num_tokens: Size of the vocabulary, at least `longest`.
        shortest: The smallest period.
        longest: The largest period.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        `(x, y, is_known)`: int32 `(N, T)`, the next tokens int32 `(N, T)`, and float32
        `(N, T)`, 1 where the next token is known and else 0: weights for a loss.

    Raises:
        ValueError: If a number is too small.

    Examples:
        >>> x, y, is_known = repetition_task(1, length=9, shortest=4, longest=4, seed=7)
        >>> print(x[0], is_known[0])
        [ 3 10  6  8  3 10  6  8  3] [0. 0. 0. 0. 1. 1. 1. 1. 1.]
    """
    _require_at_least(1, num_sequences=num_sequences, shortest=shortest)
    _require_at_least(shortest, longest=longest)
    _require_at_least(longest, num_tokens=num_tokens)
    _require_at_least(longest + 1, length=length)
    rng = np.random.default_rng(seed)
    period = rng.integers(shortest, longest + 1, size=(num_sequences, 1))
    tokens = rng.permuted(np.tile(np.arange(num_tokens), (num_sequences, 1)), axis=1)
    step = np.arange(length + 1)
    x = np.take_along_axis(tokens, step % period, axis=1).astype("int32")
    return x[:, :-1], x[:, 1:], (step[:-1] >= period).astype("float32")


def delay_task(num_sequences, length, lag=3, num_tokens=8, seed=None):
    r"""Draw tokens and ask at each step for the token of `lag` steps ago.

    $$y_t = x_{t - \mathrm{lag}}, \quad x_t \sim U\{1, \dots, V - 1\}$$

    Args:
        num_sequences: N.
        length: T.
        lag: Steps back; the first `lag` labels are 0, which no token is.
        num_tokens: V, at least 2.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        `(x, y)`: int32 `(N, T)` each.

    Raises:
        ValueError: If a number is too small.

    Examples:
        >>> x, y = delay_task(64, length=16, seed=7)
        >>> bool((y[:, 3:] == x[:, :-3]).all())
        True
    """
    _require_at_least(1, num_sequences=num_sequences, length=length, lag=lag)
    _require_at_least(2, num_tokens=num_tokens)
    rng = np.random.default_rng(seed)
    x = rng.integers(1, num_tokens, size=(num_sequences, length))
    y = np.pad(x, ((0, 0), (lag, 0)))[:, :length]
    return x.astype("int32"), y.astype("int32")


def latch_task(num_sequences, length, write_rate=0.1, num_tokens=8, seed=None):
    r"""Draw tokens with many blanks and ask at each step for the last that was none.

    $$y_t = x_s, \quad s = \max \{ s \le t : x_s \neq 0 \}$$

    A flip-flop, as in Liu et al. 2023, "Exposing Attention Glitches with Flip-Flop
    Language Modeling".

    Args:
        num_sequences: N.
        length: T.
        write_rate: Chance of a token that is not blank, in [0, 1]; the first never is.
        num_tokens: V with the blank 0, at least 2.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        `(x, y)`: int32 `(N, T)` each.

    Raises:
        ValueError: If a number is out of range.

    Examples:
        >>> x, y = latch_task(64, length=16, seed=7)
        >>> bool((y[x > 0] == x[x > 0]).all())
        True
    """
    _require_at_least(1, num_sequences=num_sequences, length=length)
    _require_at_least(2, num_tokens=num_tokens)
    if not 0 <= write_rate <= 1:
        raise ValueError(
            f"write_rate must be in [0, 1]. Received: write_rate={write_rate}"
        )
    rng = np.random.default_rng(seed)
    x = rng.integers(1, num_tokens, size=(num_sequences, length))
    x[:, 1:] *= rng.random((num_sequences, length - 1)) < write_rate
    last_write = np.maximum.accumulate(np.where(x > 0, np.arange(length), 0), axis=1)
    y = np.take_along_axis(x, last_write, axis=1)
    return x.astype("int32"), y.astype("int32")


def _require_at_least(minimum, **arguments):
    for name, value in arguments.items():
        if not value >= minimum:
            raise ValueError(
                f"{name} must be at least {minimum}. Received: {name}={value}"
            )
