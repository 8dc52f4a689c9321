"""How much of the gradient of the last output reaches each earlier step."""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops

from whiteboard.fundamentals.gradients import value_and_gradients

# Shapes: B sequences, T steps, D features, n units.


def gradient_through_time(layer, x):
    r"""Measure the gradient of the last output with respect to each input.

    $$g_k = \frac{1}{B} \sum_{b=1}^{B} \left\Vert
    \frac{\partial h_T^{(b)}}{\partial x_{T-k}^{(b)}} \right\Vert_F$$

    Exact, from one backward pass: each sequence is repeated n times, and copy i is
    differentiated for unit i, which gives row i of its Jacobians. The norms are taken
    in float64, where squares do not underflow. The gradients have the precision of the
    layer's weights: in float32 what is below about 1e-38 comes out as 0. On TensorFlow
    a layer with `dtype="float64"` sees further.

    Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".

    Args:
        layer: A layer or model from `(B, T, D)` to `(B, n)`, or to `(B, T, n)`, whose
            last step then counts. Returned states are ignored. Examples must not
            influence one another, as they do in a stateful layer.
        x: Sequences `(B, T, D)`.

    Returns:
        A float64 array `(T,)`: at index k the norm at distance k from the last step.

    Raises:
        ValueError: If `x` does not have three axes, is empty or not finite.

    Examples:
        >>> gradient_through_time(keras.layers.LSTM(32), np.ones((4, 100, 8))).shape
        (100,)
    """
    x = np.asarray(x, dtype=layer.variable_dtype)
    if x.ndim != 3 or not x.size or not np.isfinite(x).all():
        raise ValueError(
            "x must be finite and of shape (B, T, D), none of them 0. "
            f"Received: x of shape {x.shape}, finite={np.isfinite(x).all()}"
        )
    symbol = keras.Input(x.shape[1:], dtype=x.dtype.name)
    units = _last_output(layer, symbol).shape[-1]  # builds the layer too
    copies = np.repeat(x, units, axis=0)  # (B n, T, D)
    one_unit_each = np.tile(np.eye(units, dtype=x.dtype), (len(x), 1))  # (B n, n)

    def sum_of_chosen_units(copies):
        return ops.sum(ops.multiply(_last_output(layer, copies), one_unit_each))

    _, (gradient,) = value_and_gradients(sum_of_chosen_units, copies)
    jacobians = gradient.astype("float64").reshape(len(x), units, *x.shape[1:])
    return np.linalg.norm(jacobians, axis=(1, 3)).mean(axis=0)[::-1]


def plot_gradient_through_time(norms, ylabel="gradient norm"):
    """Draw gradient norms against the distance in time, one line per network, log scale.

    The figure's label says in words how far each gradient falls: read it with
    `figure.get_label()`. Zeros and values that are not finite leave a gap.

    Args:
        norms: Maps the name of each network to its norms, distance 0 first, as
            `gradient_through_time` returns them.
        ylabel: What the norms are of.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If there is no network, or one has no positive, finite norm.

    Examples:
        >>> figure = plot_gradient_through_time({"LSTM": [1.0, 0.5, 0.25]})
        >>> figure.get_label()
        'Gradient norm against steps back, log scale. LSTM: 1.0e+00 at 0, 2.5e-01 at 2.'
    """
    lines = {name: np.array(line, dtype=float) for name, line in norms.items()}
    for line in lines.values():
        line[~(np.isfinite(line) & (line > 0))] = np.nan
    if not lines or any(np.isnan(line).all() for line in lines.values()):
        raise ValueError(
            "norms must map each name to norms of which at least one is positive and "
            f"finite. Received: norms={norms}"
        )

    figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    sentences = [f"{ylabel.capitalize()} against steps back, log scale"]
    for name, line in lines.items():
        axes.semilogy(line, label=name)
        first, last = np.flatnonzero(~np.isnan(line))[[0, -1]]
        sentences.append(
            f"{name}: {line[first]:.1e} at {first}, {line[last]:.1e} at {last}"
        )
    axes.set(xlabel="steps back from the last output", ylabel=ylabel)
    axes.legend()
    figure.set_label(". ".join(sentences) + ".")
    return figure


def _last_output(layer, x):
    output = layer(x)
    if isinstance(output, (list, tuple)):
        output = output[0]
    return output[:, -1] if len(output.shape) == 3 else output
