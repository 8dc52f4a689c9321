"""Biases that set how long the gates of an LSTM or a GRU remember."""

import keras
from keras import ops

# The gates in the order of Keras' biases, each with the sign of the memory's bias: the
# forget and the update gate keep the state, the input gate writes it.
GATE_SIGNS = {"lstm": (-1, 1, 0, 0), "gru": (1, 0, 0)}


@keras.saving.register_keras_serializable(package="whiteboard")
class ChronoInitializer(keras.initializers.Initializer):
    r"""Draw the biases of a gated cell so that it remembers for up to `horizon` steps.

    $$b_f = \log u, \quad b_i = -b_f, \quad u \sim U(1, \mathrm{horizon} - 1)$$

    With no input a gate of bias $\log u$ is $\sigma(\log u) = u / (1 + u)$: it keeps
    the state for about 1 + u steps. The LSTM's input gate takes the opposite bias. The
    GRU has one gate for both: Keras' update gate z keeps the state, so it takes $b_f$.
    The other biases are 0.

    Tallec & Ollivier 2018, "Can recurrent neural networks warp time?".

    Args:
        horizon: The longest dependency expected, in steps; above 2.
        cell: `"lstm"` or `"gru"`.
        seed: As for `keras.initializers.RandomUniform`.

    Call arguments:
        shape: `(4 units,)` for the LSTM, to be made with `unit_forget_bias=False`, as
            Keras otherwise draws the gates' biases apart; `(3 units,)` for the GRU, or
            `(2, 3 units)` with `reset_after=True`, whose recurrent biases are 0.
        dtype: Their dtype; `None` means Keras' default.

    Raises:
        ValueError: If `horizon` is not above 2, `cell` is unknown or the shape does not
            split into the cell's gates.

    Examples:
        >>> keras.layers.LSTM(
        ...     24, bias_initializer=ChronoInitializer(100), unit_forget_bias=False
        ... )
        >>> keras.layers.GRU(24, bias_initializer=ChronoInitializer(100, "gru"))
    """

    def __init__(self, horizon, cell="lstm", seed=None):
        if not horizon > 2:
            raise ValueError(f"horizon must be above 2. Received: horizon={horizon}")
        if cell not in GATE_SIGNS:
            raise ValueError(f"cell must be lstm or gru. Received: cell={cell}")
        self.horizon, self.cell = horizon, cell
        self.uniform = keras.initializers.RandomUniform(1, horizon - 1, seed=seed)

    def __call__(self, shape, dtype=None):
        signs = GATE_SIGNS[self.cell]
        if shape[-1] % len(signs) or len(shape) not in (1, 2):
            raise ValueError(
                f"shape must be ({len(signs)} * units,) or (2, {len(signs)} * units) "
                f"for cell={self.cell}. Received: shape={shape}"
            )
        memory = ops.log(self.uniform((shape[-1] // len(signs),), dtype))
        bias = ops.concatenate([sign * memory for sign in signs])
        if len(shape) == 1:
            return bias
        return ops.stack([bias, ops.zeros_like(bias)])

    def get_config(self):
        seed = self.uniform.get_config()["seed"]
        return {"horizon": self.horizon, "cell": self.cell, "seed": seed}
