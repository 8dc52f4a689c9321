"""A diagonal linear state-space layer, after S4D."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.rnn.linear_recurrence import (
    causal_convolution,
    linear_scan,
    parallel_scan,
)

# Shapes: B sequences, T steps, D channels, N states of each channel.

SCANS = {"scan": linear_scan, "parallel_scan": parallel_scan}
MODES = ("convolution", *SCANS)


def discretize(rate, step):
    r"""Turn $\dot{h} = a h + u$ into $h_t = \bar{a} h_{t-1} + \bar{b} u_t$.

    $$\bar{a} = e^{\Delta a}, \quad \bar{b} = \frac{e^{\Delta a} - 1}{a}$$

    Zero-order hold: exact for an input that stays constant over each step.

    Args:
        rate: Rates a, negative where the state decays. Not 0.
        step: Step sizes, broadcastable to the rates.

    Returns:
        The decays and the input gains.

    Examples:
        >>> decay, gain = discretize(rate=np.array(-1.0), step=np.array(np.log(2)))
        >>> float(decay), float(gain)
        (0.5, 0.5)
    """
    return ops.exp(step * rate), ops.expm1(step * rate) / rate


@keras.saving.register_keras_serializable(package="whiteboard")
class StateSpace(keras.layers.Layer):
    r"""Filter each channel by N leaky integrators: linear, the same at every step.

    $$h_t = \bar{a} \odot h_{t-1} + \bar{b} \, u_t, \quad y_t = c^\top h_t + d \, u_t$$

    Source: Gu, Gupta, Goel, Re, "On the Parameterization and Initialization of
    Diagonal State Space Models", 2022: its real variant (S4D-Real), rates -1 .. -N,
    discretized by zero-order hold, step sizes log-spaced over the channels. The
    channels do not mix, and nothing is nonlinear: put a Dense layer behind it.

    Args:
        state_dim: States N of each channel.
        mode: How the same outputs are computed: `"convolution"`, `"scan"` (T steps)
            or `"parallel_scan"` (log2 T rounds).
        min_step: Smallest step size. A channel's slowest state forgets a share 1/e in
            1 / step steps at first.
        max_step: Largest step size.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Tensor `(B, T, D)`. Right padding needs no mask: outputs are causal.

    Returns:
        Tensor `(B, T, D)`.

    Raises:
        ValueError: If a number is not positive, the mode is unknown, or the inputs
            have no three axes.

    Examples:
        >>> StateSpace(state_dim=4)(keras.ops.ones((2, 10, 3))).shape
        (2, 10, 3)
    """

    def __init__(
        self, state_dim, mode="convolution", min_step=1e-3, max_step=1e-1, **kwargs
    ):
        super().__init__(**kwargs)
        require_positive(state_dim=state_dim, min_step=min_step, max_step=max_step)
        if mode not in MODES:
            raise ValueError(f"mode must be one of {MODES}. Received: mode={mode!r}")
        self.state_dim = state_dim
        self.mode = mode
        self.min_step = min_step
        self.max_step = max_step
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) != 3:
            raise ValueError(
                "inputs must have shape (batch, length, channels). "
                f"Received: inputs.shape={tuple(input_shape)}"
            )
        channels = input_shape[-1]
        rates = np.tile(np.arange(1.0, self.state_dim + 1), (channels, 1))  # (D, N)
        steps = np.geomspace(self.min_step, self.max_step, channels)[:, None]  # (D, 1)
        self.log_rate = self._add_float_weight("log_rate", np.log(rates))
        self.log_step = self._add_float_weight("log_step", np.log(steps))
        self.output_weights = self.add_weight(
            rates.shape, "glorot_normal", name="output_weights", autocast=False
        )
        self.skip = self._add_float_weight("skip", np.ones(channels))
        self.built = True

    def _add_float_weight(self, name, values):
        initial = keras.initializers.Constant(values)
        return self.add_weight(values.shape, initial, name=name, autocast=False)

    def call(self, inputs):
        u = ops.cast(inputs, self.variable_dtype)  # (B, T, D)
        decay, gain = self.decay_and_gain()
        if self.mode == "convolution":
            times = ops.arange(ops.shape(inputs)[1], dtype=self.variable_dtype)
            powers = decay[..., None] ** times  # (D, N, T)
            kernel = ops.einsum("dn,dnt->dt", gain * self.output_weights, powers)
            y = causal_convolution(ops.transpose(u, (0, 2, 1)), kernel)  # (B, D, T)
            y = ops.transpose(y, (0, 2, 1))
        else:
            drive = gain * ops.transpose(u, (1, 0, 2))[..., None]  # (T, B, D, N)
            decays = ops.broadcast_to(decay, ops.shape(drive))
            states = SCANS[self.mode](decays, drive)
            y = ops.einsum("tbdn,dn->btd", states, self.output_weights)
        return ops.cast(y + self.skip * u, self.compute_dtype)

    def step(self, inputs, state):
        """One step `(B, D)` from a state `(B, D, N)`: the outputs and the new state."""
        u = ops.cast(inputs, self.variable_dtype)
        decay, gain = self.decay_and_gain()
        state = decay * state + gain * u[..., None]
        return ops.einsum(
            "bdn,dn->bd", state, self.output_weights
        ) + self.skip * u, state

    def decay_and_gain(self):
        """Discretized decays, all inside (0, 1), and input gains, `(D, N)` each."""
        return discretize(-ops.exp(self.log_rate), ops.exp(self.log_step))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = ("state_dim", "mode", "min_step", "max_step")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
