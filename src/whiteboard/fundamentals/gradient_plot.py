"""A picture of gradient norms through depth, with its text alternative."""

import matplotlib.pyplot as plt
import numpy as np


def plot_gradient_norms(norms, ylabel="gradient norm", title=None):
    """Draw gradient norms against the layer, one line per network, on a log scale.

    The figure's label says in words how much of each gradient reaches the first layer:
    read it with `figure.get_label()`. Zeros and values that are not finite have no
    place on a log scale and leave a gap.

    Args:
        norms: Maps the name of each network to its norms, first layer first: numbers,
            or rows of `gradient_diagnostics`, of which `output_gradient_norm` is drawn.
        ylabel: What the norms are of.
        title: Title of the figure.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If there is no network, or one has no positive norm.

    Examples:
        >>> figure = plot_gradient_norms({"tanh": [0.01, 0.1, 1.0]})
        >>> figure.get_label()
        'Gradient norm against layer, log scale. tanh: from 1.0e+00 at layer 3 to ...'
    """
    lines = {
        name: np.array([getattr(n, "output_gradient_norm", n) for n in network], float)
        for name, network in norms.items()
    }
    shown = {name: np.isfinite(line) & (line > 0) for name, line in lines.items()}
    if not lines or not all(mask.any() for mask in shown.values()):
        raise ValueError(
            "norms must map each name to norms of which at least one is positive and "
            f"finite. Received: norms={norms}"
        )

    figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    sentences = [f"{ylabel.capitalize()} against layer, log scale"]
    for name, line in lines.items():
        axes.semilogy(
            np.arange(1, len(line) + 1),
            np.where(shown[name], line, np.nan),
            label=name,
            marker="." if len(line) <= 30 else None,
        )
        first, last = np.flatnonzero(shown[name])[[0, -1]]
        sentences.append(
            f"{name}: from {line[last]:.1e} at layer {last + 1} "
            f"to {line[first]:.1e} at layer {first + 1}"
        )
    axes.set(xlabel="layer", ylabel=ylabel, title=title)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
    figure.set_label(". ".join(sentences) + ".")
    return figure
