"""A small network for tables: it standardises its own inputs."""

import keras
import numpy as np


def tabular_network(x, units=(32, 32), dropout=0.1, learning_rate=0.01, positives=0.5):
    r"""Build a compiled classifier for the rows of a table.

    $$p = \sigma(W_3 \, r(W_2 \, r(W_1 \frac{x - \mu}{s} + b_1) + b_2) + b_3),
    \quad r = \mathrm{ReLU}$$

    with dropout after each hidden layer. $\mu$ and s are those of `x` and saved with the
    model, so a row in use is scaled like a row in training. $b_3$ starts at the log odds
    of the share of positives, so the first batches are not spent on learning it.

    Args:
        x: Training rows `(N, D)`, finite.
        units: Widths of the hidden layers.
        dropout: Rate in [0, 1).
        learning_rate: Of Adam.
        positives: Share of positives in training, in (0, 1).

    Returns:
        A compiled `keras.Model` from `(N, D)` to probabilities `(N, 1)`.

    Raises:
        ValueError: If `x` has no two axes, is empty or not finite, or `positives` is 0
            or 1.

    Examples:
        >>> network = tabular_network(np.eye(5))
        >>> network.output_shape
        (None, 1)
    """
    x = np.asarray(x, "float32")
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise ValueError(
            f"x must be a finite table (N, D) with rows. Received: shape={x.shape}"
        )
    if not 0 < positives < 1:
        raise ValueError(
            f"positives must be above 0 and below 1. Received: positives={positives}"
        )
    scale = keras.layers.Normalization()
    scale.adapt(x)
    log_odds = keras.initializers.Constant(np.log(positives / (1 - positives)))
    network = keras.Sequential([keras.Input(x.shape[1:]), scale])
    for width in units:
        network.add(keras.layers.Dense(width, "relu"))
        network.add(keras.layers.Dropout(dropout))
    network.add(keras.layers.Dense(1, "sigmoid", bias_initializer=log_odds))
    network.compile(keras.optimizers.Adam(learning_rate), "binary_crossentropy")
    return network
