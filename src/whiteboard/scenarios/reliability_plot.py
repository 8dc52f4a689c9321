"""The reliability diagram of several models."""

import matplotlib.pyplot as plt
import numpy as np

from whiteboard.scenarios.probability_calibration import reliability_curve


def plot_reliability(probabilities, y, num_bins=10):
    """Draw observed against predicted frequencies, a line for each model.

    On the diagonal 0.2 means two of ten; right of it a model predicts too much.

    Args:
        probabilities: A dict of p `(N,)` by name.
        y: `(N,)` of 0 and 1.
        num_bins: Number of bins, of equal size.

    Returns:
        The figure, open, with a text alternative.

    Raises:
        ValueError: If there is no model, or as `reliability_curve`.

    Examples:
        >>> figure = plot_reliability({"model": np.array([0.1, 0.9])}, [0, 1], num_bins=2)
    """
    if not probabilities:
        raise ValueError("probabilities must hold a model. Received: {}")
    curves = {n: reliability_curve(p, y, num_bins) for n, p in probabilities.items()}
    figure, axes = plt.subplots(figsize=(4.5, 3), layout="constrained")
    top = max(np.max(curve) for curve in curves.values())
    axes.plot([0, top], [0, top], linestyle=":")
    styles = ("o-", "s-", "x--", "^:")
    for index, (name, curve) in enumerate(curves.items()):
        axes.plot(*curve, styles[index % len(styles)], label=name)
    axes.set(xlabel="predicted", ylabel="observed")
    axes.legend()
    means = {name: np.mean(p) for name, p in probabilities.items()}
    told = ", ".join(f"{name} {mean:.2f}" for name, mean in means.items())
    figure.set_label(
        f"Observed against predicted frequency by model. Mean prediction: {told}. "
        f"Observed: {np.mean(y):.2f}."
    )
    return figure
