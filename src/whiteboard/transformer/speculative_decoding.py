"""Speculative decoding: a small model guesses ahead, the large one checks at once."""

import numpy as np

from whiteboard.fundamentals import require_not_negative, require_positive

# Shapes: K drafted tokens, T tokens so far, V vocabulary.


def accept_draft(draft_tokens, draft_probabilities, target_probabilities, rng):
    r"""Keep a prefix of drafted tokens and add one, all distributed as the target's.

    $$P(\text{accept } x) = \min(1, p(x) / q(x)), \quad
    \text{otherwise draw from } \frac{\max(0, p - q)}{\sum \max(0, p - q)}$$

    q is the draft's distribution, p the target's. After K acceptances the target's
    next token comes for free.

    Source: Leviathan et al., "Fast Inference from Transformers via Speculative
    Decoding", 2023, algorithm 1; Chen et al., "Accelerating Large Language Model
    Decoding with Speculative Sampling", 2023.

    Args:
        draft_tokens: K ids, each drawn from its row of `draft_probabilities`.
        draft_probabilities: `(K, V)`.
        target_probabilities: `(K + 1, V)`, the target's distributions of the same
            tokens and of the one after them.
        rng: A `numpy.random.Generator`.

    Returns:
        A list of 1 to K + 1 ids.

    Raises:
        ValueError: If the shapes disagree or a row is not a distribution.
    """
    draft = _require_distributions("draft_probabilities", draft_probabilities)
    target = _require_distributions("target_probabilities", target_probabilities)
    if target.shape != (len(draft_tokens) + 1, *draft.shape[1:]):
        raise ValueError(
            "target_probabilities must have one row more than there are drafted tokens. "
            f"Received: {len(draft_tokens)} tokens, draft_probabilities.shape="
            f"{draft.shape}, target_probabilities.shape={target.shape}"
        )
    accepted = []
    for token, q, p in zip(draft_tokens, draft, target[:-1], strict=True):
        if rng.uniform() * q[token] >= p[token]:
            residual = np.maximum(p - q, 0)
            return [*accepted, _draw(residual / residual.sum(), rng)]
        accepted.append(int(token))
    return [*accepted, _draw(target[-1], rng)]


def speculative_generate(target, draft, prompt, length, num_drafted, seed=None):
    """Write tokens distributed as the target's, with fewer calls of the target.

    Args:
        target: A function from ids `(T,)` to `(T, V)`: after each prefix, the
            distribution of the next token.
        draft: The same, cheaper.
        prompt: Ids, at least one.
        length: Number of tokens to write.
        num_drafted: K, how many tokens the draft guesses before each check.
        seed: An integer, a `numpy.random.Generator` or `None`.

    Returns:
        The ids, prompt included, as a NumPy array `(T + length,)`, and how often the
        target was called.

    Raises:
        ValueError: If a number is not positive, the prompt is empty or a function
            returns what is not a distribution.
    """
    require_positive(length=length, num_drafted=num_drafted, prompt_length=len(prompt))
    rng = np.random.default_rng(seed)
    ids, num_calls = [int(token) for token in prompt], 0
    while len(ids) < len(prompt) + length:
        guessed, rows = list(ids), []
        for _ in range(num_drafted):
            last = np.asarray(draft(np.array(guessed)))[-1:]
            rows.append(_require_distributions("draft", last)[0])
            guessed.append(_draw(rows[-1], rng))
        checked = np.asarray(target(np.array(guessed)))[-num_drafted - 1 :]
        ids += accept_draft(guessed[len(ids) :], np.array(rows), checked, rng)
        num_calls += 1
    return np.array(ids[: len(prompt) + length]), num_calls


def acceptance_rate(draft_probabilities, target_probabilities):
    r"""Compute how likely one drafted token is accepted: the overlap of p and q.

    $$\alpha = \sum_x \min(p(x), q(x)) = 1 - \mathrm{TV}(p, q)$$

    Args:
        draft_probabilities: `(..., V)`.
        target_probabilities: The same shape.

    Returns:
        An array of the leading shape.

    Raises:
        ValueError: If a row is not a distribution.
    """
    draft = _require_distributions("draft_probabilities", draft_probabilities)
    target = _require_distributions("target_probabilities", target_probabilities)
    return np.minimum(draft, target).sum(axis=-1)


def expected_tokens(acceptance_rate, num_drafted):
    r"""Compute how many tokens one call of the target yields on average.

    $$1 + \alpha + \ldots + \alpha^K = \frac{1 - \alpha^{K + 1}}{1 - \alpha}$$

    for K drafted tokens, each accepted with probability $\alpha$ independently.

    Source: Leviathan et al. 2023, equation 1.

    Args:
        acceptance_rate: $\alpha$, from 0 to 1.
        num_drafted: K.

    Returns:
        A number from 1 to K + 1.

    Raises:
        ValueError: If an argument is out of range.
    """
    require_not_negative(
        acceptance_rate=acceptance_rate,
        num_drafted=num_drafted,
        rejection_rate=1 - acceptance_rate,
    )
    return sum(acceptance_rate**k for k in range(num_drafted + 1))


def _draw(probabilities, rng):
    return int(rng.choice(len(probabilities), p=probabilities))


def _require_distributions(name, probabilities):
    rows = np.asarray(probabilities, "float64")
    totals = rows.sum(axis=-1, keepdims=True)
    if not ((rows >= 0).all() and (np.abs(totals - 1) < 1e-4).all()):
        raise ValueError(
            f"{name} must not be negative and must sum to 1. "
            f"Received: smallest={rows.min()}, sums={totals[..., 0]}"
        )
    return rows / totals
