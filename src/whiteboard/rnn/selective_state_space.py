"""A state-space layer that chooses by content what to keep, after Mamba."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.rnn.linear_recurrence import parallel_scan

# Shapes: B sequences, T steps, D channels, N states of each channel.


@keras.saving.register_keras_serializable(package="whiteboard")
class SelectiveStateSpace(keras.layers.Layer):
    r"""A diagonal state space whose step size, input and output depend on the input.

    $$h_t = e^{\Delta_t a} \odot h_{t-1} + \Delta_t u_t b_t, \quad
    y_t = c_t^\top h_t + d \, u_t$$

    with $\Delta_t = \mathrm{softplus}(W_\Delta u_t + \beta)$, $b_t = W_b u_t$,
    $c_t = W_c u_t$. A small step keeps the state and ignores the input, a large one
    forgets the state and takes it in. Still linear in the state, so still a parallel
    scan; no longer a convolution.

    Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State
    Spaces", 2023, algorithm 2. Without its block (convolution, gate, projections),
    without its fused kernel, and with a full matrix for the step size.

    Args:
        state_dim: States N of each channel.
        min_step: Smallest step size at the start, at a zero input.
        max_step: Largest step size at the start; log-spaced over the channels.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: Tensor `(B, T, D)`. Right padding needs no mask: outputs are causal.

    Returns:
        Tensor `(B, T, D)`.

    Raises:
        ValueError: If a number is not positive or the inputs have no three axes.

    Examples:
        >>> SelectiveStateSpace(state_dim=4)(keras.ops.ones((2, 10, 3))).shape
        (2, 10, 3)
    """

    def __init__(self, state_dim, min_step=1e-3, max_step=1e-1, **kwargs):
        super().__init__(**kwargs)
        require_positive(state_dim=state_dim, min_step=min_step, max_step=max_step)
        self.state_dim = state_dim
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
        steps = np.geomspace(self.min_step, self.max_step, channels)  # (D,)
        weights = {
            "log_rate": (rates.shape, keras.initializers.Constant(np.log(rates))),
            "step_kernel": ((channels, channels), "glorot_uniform"),
            "step_bias": (
                steps.shape,
                keras.initializers.Constant(np.log(np.expm1(steps))),
            ),
            "input_kernel": ((channels, self.state_dim), "glorot_uniform"),
            "output_kernel": ((channels, self.state_dim), "glorot_uniform"),
            "skip": ((channels,), "ones"),
        }
        for name, (shape, initializer) in weights.items():
            weight = self.add_weight(shape, initializer, name=name, autocast=False)
            setattr(self, name, weight)
        self.built = True

    def call(self, inputs):
        u = ops.cast(inputs, self.variable_dtype)  # (B, T, D)
        step = ops.softplus(
            ops.einsum("btd,de->bte", u, self.step_kernel) + self.step_bias
        )
        b = ops.einsum("btd,dn->btn", u, self.input_kernel)  # (B, T, N)
        c = ops.einsum("btd,dn->btn", u, self.output_kernel)  # (B, T, N)
        decay = ops.exp(-step[..., None] * ops.exp(self.log_rate))  # (B, T, D, N)
        drive = (step * u)[..., None] * b[:, :, None, :]  # (B, T, D, N)
        time_first = (ops.transpose(x, (1, 0, 2, 3)) for x in (decay, drive))
        states = parallel_scan(*time_first)  # (T, B, D, N)
        y = ops.einsum("tbdn,btn->btd", states, c)
        return ops.cast(y + self.skip * u, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = ("state_dim", "min_step", "max_step")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
