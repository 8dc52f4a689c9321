"""Writing with a causal language model, token by token."""

import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.sampling import greedy_tokens

# Shapes: B sequences, T tokens so far, V vocabulary.


def generate(
    model, prompt, length, sampler=greedy_tokens, end_token=None, use_cache=True
):
    """Continue each prompt by tokens that a sampler chooses from the model's logits.

    With a key-value cache, each step after the first runs the model on one token;
    without it, on all. The logits are the same.

    Args:
        model: A `CausalLanguageModel`, or what has its `call`, `empty_cache` and `step`.
        prompt: Ids `(B, T)`, without padding.
        length: Number of tokens to write.
        sampler: A function from logits `(B, V)` to ids `(B,)`.
        end_token: The id after which a sequence is filled up with it; `None`: no end.
        use_cache: Whether keys and values of earlier tokens are kept.

    Returns:
        A NumPy array of ids `(B, T + length)`, the prompt first.

    Raises:
        ValueError: If `length` is not positive, `prompt` does not have the shape
            `(B, T)` with at least one token, or the model cannot read as many tokens.

    Examples:
        >>> seed = keras.random.SeedGenerator(7)
        >>> nucleus = lambda logits: sample_tokens(top_p_filter(logits, 0.9), seed)
        >>> generate(model, prompt=[[1, 2, 3]], length=20, sampler=nucleus)
    """
    require_positive(length=length)
    prompt = np.asarray(prompt, "int32")
    if prompt.ndim != 2 or 0 in prompt.shape:
        raise ValueError(
            f"prompt must have shape (batch, tokens). Received: shape={prompt.shape}"
        )
    batch_size, start = prompt.shape
    ids = np.pad(prompt, ((0, 0), (0, length)))  # one shape for all steps
    cache = model.empty_cache(batch_size, start + length) if use_cache else None
    is_done, written = np.zeros(batch_size, bool), 0
    for t in range(start, start + length):
        if use_cache:
            logits, cache = model.step(ids[:, written:t], cache, written)
            logits, written = logits[:, -1], t
        else:
            logits = ops.convert_to_numpy(model(ids[:, :-1]))[:, t - 1]
        tokens = ops.convert_to_numpy(sampler(logits))
        ids[:, t] = np.where(is_done, end_token, tokens) if is_done.any() else tokens
        is_done |= ids[:, t] == end_token
        if is_done.all():
            ids[:, t:] = end_token
            break
    return ids


def next_token_logits(model, max_length):
    """Make a function from ids to the logits of the next token, as searches take it.

    The ids are padded to `max_length`, so that a compiled model sees one shape. A causal
    model does not look at the padding.

    Args:
        model: A function from ids `(B, max_length)` to logits `(B, max_length, V)`.
        max_length: The longest sequence that will be asked for.

    Returns:
        A function from ids `(B, T)` to logits `(B, V)`.

    Raises:
        ValueError: If `max_length` is not positive, or more ids come (when called).
    """
    require_positive(max_length=max_length)

    def next_logits(ids):
        length = ids.shape[1]
        if length > max_length:
            raise ValueError(
                f"ids must not be longer than max_length={max_length}. "
                f"Received: length={length}"
            )
        padded = np.pad(ids, ((0, 0), (0, max_length - length)))
        return ops.convert_to_numpy(model(padded))[:, length - 1]

    return next_logits
