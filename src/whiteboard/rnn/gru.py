"""The gated recurrent unit: one state, kept or replaced in one tied decision."""

import keras
from keras import ops

from whiteboard.rnn.recurrence import RecurrentCell, RecurrentLayer

# Shapes: B batch, T steps, D features, H units.


def gru_step(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    r"""Take one step: the two gates, the candidate, the blend of old and new.

    $$\mathbf{z} = \sigma(\mathbf{x}_t W_z + \mathbf{h}_{t-1} U_z + \mathbf{b}_z),
    \quad
    \mathbf{r} = \sigma(\mathbf{x}_t W_r + \mathbf{h}_{t-1} U_r + \mathbf{b}_r)$$

    $$\mathbf{g} = \tanh(\mathbf{x}_t W_g + \mathbf{r} \odot
    (\mathbf{h}_{t-1} U_g + \mathbf{b}'_g) + \mathbf{b}_g), \quad
    \mathbf{h}_t = \mathbf{z} \odot \mathbf{h}_{t-1}
    + (1 - \mathbf{z}) \odot \mathbf{g}$$

    With `reset_after=False` the reset comes before the product, as in the final
    version of the paper: $(\mathbf{r} \odot \mathbf{h}_{t-1}) U_g$, without the
    second bias. Cho et al. 2014.

    Args:
        x: The input of this step, `(B, D)`.
        h: The state before it, `(B, H)`.
        kernel: W, `(D, 3 H)`: the columns of z, r, g in this order.
        recurrent_kernel: U, `(H, 3 H)`.
        bias: `(2, 3 H)`, for the input and for the state, if `reset_after`; else
            `(3 H,)`.
        reset_after: Whether r multiplies the state after its product with U.

    Returns:
        The new state, `(B, H)`; it is also the output.

    Examples:
        >>> x, h = keras.ops.ones((2, 3)), keras.ops.zeros((2, 4))
        >>> W, U, b = (keras.ops.ones(shape) for shape in [(3, 12), (4, 12), (2, 12)])
        >>> gru_step(x, h, W, U, b).shape
        (2, 4)
    """
    input_bias, state_bias = (bias[0], bias[1]) if reset_after else (bias, 0)
    x_z, x_r, x_g = ops.split(ops.matmul(x, kernel) + input_bias, 3, axis=-1)
    if reset_after:
        h_zrg = ops.matmul(h, recurrent_kernel) + state_bias  # (B, 3 H)
        h_z, h_r, h_g = ops.split(h_zrg, 3, axis=-1)
        z, r = ops.sigmoid(x_z + h_z), ops.sigmoid(x_r + h_r)  # keep, reset
        g = ops.tanh(x_g + r * h_g)  # the candidate
    else:
        u_zr, u_g = ops.split(recurrent_kernel, [2 * h.shape[-1]], axis=-1)
        h_z, h_r = ops.split(ops.matmul(h, u_zr), 2, axis=-1)
        z, r = ops.sigmoid(x_z + h_z), ops.sigmoid(x_r + h_r)
        g = ops.tanh(x_g + ops.matmul(r * h, u_g))
    return z * h + (1 - z) * g


class GRUCell(RecurrentCell):
    """The weights of `gru_step`."""

    gates = 3

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(units, **kwargs)
        self.reset_after = reset_after

    @property
    def bias_shape(self):
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs, states):
        weights = self.kernel, self.recurrent_kernel, self.bias
        h = gru_step(inputs, states[0], *weights, self.reset_after)
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "reset_after": self.reset_after}


@keras.saving.register_keras_serializable(package="whiteboard")
class GRU(RecurrentLayer):
    r"""Apply `gru_step` along a sequence, with the same weights at each step.

    $$\mathbf{h}_t = \mathbf{z} \odot \mathbf{h}_{t-1}
    + (1 - \mathbf{z}) \odot \mathbf{g}$$

    Cho et al. 2014. Weights in the order and shapes of `keras.layers.GRU`.

    Args:
        units: Size of the state, H.
        reset_after: Whether the reset gate acts after the product with U, as cuDNN
            does and Keras by default; False is the version of the paper.
        kernel_initializer: Initializer of W, `(D, 3 H)`.
        recurrent_initializer: Initializer of U, `(H, 3 H)`.
        bias_initializer: Initializer of the bias, `(2, 3 H)` or `(3 H,)`.
        **kwargs: `return_sequences`, `return_state`, `go_backwards`, `stateful`: as
            in `keras.layers.RNN`, to which they are passed.

    Call arguments: see `RecurrentLayer`.

    Returns:
        The last state `(B, H)`, or all of them `(B, T, H)` with `return_sequences`;
        with `return_state` the final state after it.

    Examples:
        >>> GRU(4, return_sequences=True)(keras.ops.zeros((2, 5, 3))).shape
        (2, 5, 4)
    """

    cell_class = GRUCell

    def __init__(
        self,
        units,
        reset_after=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        cell_arguments = {
            "units": units,
            "reset_after": reset_after,
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
        }
        super().__init__(cell_arguments, **kwargs)
