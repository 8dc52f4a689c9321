"""A picture of attention weights, with its text alternative."""

import keras
import matplotlib.pyplot as plt
import numpy as np

MAX_LISTED_TOKENS = 8  # beyond, the text alternative names the strongest link only


def plot_attention_weights(
    attention_weights, query_tokens, key_tokens=None, title=None
):
    """Draw one heat map a head: rows are queries, columns are keys.

    The figure's label says in words where each query looks most, computed from the
    weights: read it with `figure.get_label()`.

    Args:
        attention_weights: Array or tensor `(T, S)`, or `(H, T, S)` for H heads.
        query_tokens: The T names of the rows.
        key_tokens: The S names of the columns. `None` means `query_tokens`.
        title: Title of the figure.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If the rank is not 2 or 3, or the tokens do not match the shape.

    Examples:
        >>> figure = plot_attention_weights([[0.9, 0.1], [0.3, 0.7]], ["a", "b"])
        >>> figure.get_label()
        'Attention weights. Looks most: a at a (0.90), b at b (0.70).'
    """
    key_tokens = query_tokens if key_tokens is None else key_tokens
    heads = np.asarray(keras.ops.convert_to_numpy(attention_weights), dtype="float32")
    if heads.ndim not in (2, 3):
        raise ValueError(
            "attention_weights must have shape (T, S) or (H, T, S), of one example. "
            f"Received: attention_weights.shape={heads.shape}"
        )
    heads = heads.reshape(-1, *heads.shape[-2:])  # (H, T, S)
    if heads.shape[1:] != (len(query_tokens), len(key_tokens)):
        raise ValueError(
            "attention_weights must have a row per query token and a column per key "
            f"token. Received: attention_weights.shape={heads.shape}, "
            f"{len(query_tokens)} query tokens, {len(key_tokens)} key tokens"
        )

    width, height = min(7, 1.8 + 1.7 * len(heads)), 3.2
    figure, all_axes = plt.subplots(
        1,
        len(heads),
        figsize=(width, height),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for number, (axes, weights) in enumerate(zip(all_axes[0], heads, strict=True), 1):
        image = axes.imshow(weights, cmap="viridis", vmin=0, vmax=heads.max())
        axes.set_xticks(range(len(key_tokens)), key_tokens, rotation=90)
        axes.set_yticks(range(len(query_tokens)), query_tokens)
        axes.set_xlabel("key")
        if len(heads) > 1:
            axes.set_title(f"head {number}")
    all_axes[0, 0].set_ylabel("query")
    figure.colorbar(image, ax=all_axes, label="attention weight")
    if title:
        figure.suptitle(title)
    figure.set_label(_describe(heads, query_tokens, key_tokens, title))
    return figure


def _describe(heads, query_tokens, key_tokens, title):
    sentences = [title or "Attention weights"]
    for number, weights in enumerate(heads, start=1):
        subject = f"Head {number} looks most" if len(heads) > 1 else "Looks most"
        links = _strongest_links(weights, query_tokens, key_tokens)
        sentences.append(f"{subject}: {links}")
    return ". ".join(sentences) + "."


def _strongest_links(weights, query_tokens, key_tokens):
    rows = range(len(weights))
    if len(weights) > MAX_LISTED_TOKENS:
        rows = [weights.max(axis=1).argmax()]
    links = []
    for row in rows:
        column = weights[row].argmax()
        strongest = weights[row, column]
        is_even = strongest - weights[row].min() < 1e-6
        target = "all keys alike" if is_even else key_tokens[column]
        links.append(f"{query_tokens[row]} at {target} ({strongest:.2f})")
    return ", ".join(links)
