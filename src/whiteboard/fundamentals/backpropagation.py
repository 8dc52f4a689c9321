"""Backpropagation through a network of two layers, derived by hand."""

import numpy as np
from scipy.special import log_softmax

# Shapes: B rows of a batch, D features, H hidden units, C classes.


def two_layer_gradients(x, labels, w1, b1, w2, b2):
    r"""Differentiate a classifier with one hidden tanh layer.

    $$\mathbf{h} = \tanh(\mathbf{x} W_1 + \mathbf{b}_1), \quad
    \mathbf{p} = \mathrm{softmax}(\mathbf{h} W_2 + \mathbf{b}_2), \quad
    L = -\frac{1}{B} \sum \log p_{\mathrm{label}}$$

    Rumelhart, Hinton & Williams 1986, "Learning representations by back-propagating
    errors".

    Args:
        x: `(B, D)`.
        labels: `(B,)` integers from 0 to C - 1.
        w1: `(D, H)`.
        b1: `(H,)`.
        w2: `(H, C)`.
        b2: `(C,)`.

    Returns:
        The loss, and the gradients of `w1`, `b1`, `w2`, `b2`, each of its shape.

    Raises:
        ValueError: If there is no row or a label is negative.

    Examples:
        >>> loss, (dw1, db1, dw2, db2) = two_layer_gradients(x, labels, w1, b1, w2, b2)
    """
    if len(x) == 0:
        raise ValueError(f"x must hold at least one row. Received: shape {x.shape}")
    if np.min(labels) < 0:
        raise ValueError(f"labels must not be negative. Received: {np.min(labels)}")

    rows = np.arange(len(x))
    hidden = np.tanh(x @ w1 + b1)  # (B, H)
    log_p = log_softmax(hidden @ w2 + b2, axis=1)  # (B, C)
    loss = -log_p[rows, labels].mean()

    delta2 = np.exp(log_p)  # dL/dlogits: p minus one-hot, over B
    delta2[rows, labels] -= 1
    delta2 /= len(x)  # (B, C)
    dw2 = hidden.T @ delta2  # (H, B) @ (B, C)
    db2 = delta2.sum(axis=0)  # (C,)
    delta1 = (delta2 @ w2.T) * (1 - hidden**2)  # (B, C) @ (C, H), tanh' = 1 - tanh^2
    dw1 = x.T @ delta1  # (D, B) @ (B, H)
    db1 = delta1.sum(axis=0)  # (H,)
    return loss, [dw1, db1, dw2, db2]
