"""Long short-term memory: a cell state that gates write, keep and read."""

import keras
from keras import ops

from whiteboard.rnn.recurrence import RecurrentCell, RecurrentLayer

# Shapes: B batch, T steps, D features, H units.


def lstm_step(x, state, kernel, recurrent_kernel, bias):
    r"""Take one step: the gates, the new cell state, the new hidden state.

    $$\mathbf{i}, \mathbf{f}, \mathbf{o} =
    \sigma(\mathbf{x}_t W + \mathbf{h}_{t-1} U + \mathbf{b}), \quad
    \mathbf{g} = \tanh(\mathbf{x}_t W + \mathbf{h}_{t-1} U + \mathbf{b})$$

    each with its own columns of W, U and b, and

    $$\mathbf{c}_t = \mathbf{f} \odot \mathbf{c}_{t-1} + \mathbf{i} \odot \mathbf{g},
    \qquad \mathbf{h}_t = \mathbf{o} \odot \tanh(\mathbf{c}_t)$$

    Hochreiter & Schmidhuber 1997; the forget gate f: Gers et al. 2000.

    Args:
        x: The input of this step, `(B, D)`.
        state: The hidden state and the cell state before it, each `(B, H)`.
        kernel: W, `(D, 4 H)`: the columns of i, f, g, o in this order.
        recurrent_kernel: U, `(H, 4 H)`.
        bias: b, `(4 H,)`.

    Returns:
        The new hidden state and the new cell state.

    Examples:
        >>> x, state = keras.ops.ones((2, 3)), [keras.ops.zeros((2, 4))] * 2
        >>> W, U, b = (keras.ops.ones(shape) for shape in [(3, 16), (4, 16), (16,)])
        >>> [s.shape for s in lstm_step(x, state, W, U, b)]
        [(2, 4), (2, 4)]
    """
    h, c = state
    z = ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias  # (B, 4 H)
    i, f, g, o = ops.split(z, 4, axis=-1)  # each (B, H)
    i, f, o = ops.sigmoid(i), ops.sigmoid(f), ops.sigmoid(o)  # write, keep, read
    g = ops.tanh(g)  # the candidate: what to write
    c = f * c + i * g
    h = o * ops.tanh(c)
    return h, c


class LSTMCell(RecurrentCell):
    """The weights of `lstm_step`."""

    gates = 4
    states = 2

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def initial_bias(self, shape, dtype=None):
        bias = super().initial_bias(shape, dtype)
        if not self.unit_forget_bias:
            return bias
        write, _, *rest = ops.split(bias, 4)
        return ops.concatenate([write, ops.ones_like(write), *rest])

    def call(self, inputs, states):
        weights = self.kernel, self.recurrent_kernel, self.bias
        h, c = lstm_step(inputs, states, *weights)
        return h, [h, c]

    def get_config(self):
        return {**super().get_config(), "unit_forget_bias": self.unit_forget_bias}


@keras.saving.register_keras_serializable(package="whiteboard")
class LSTM(RecurrentLayer):
    r"""Apply `lstm_step` along a sequence, with the same weights at each step.

    $$\mathbf{c}_t = \mathbf{f} \odot \mathbf{c}_{t-1} + \mathbf{i} \odot \mathbf{g},
    \qquad \mathbf{h}_t = \mathbf{o} \odot \tanh(\mathbf{c}_t)$$

    Hochreiter & Schmidhuber 1997; Gers et al. 2000. Weights in the order and shapes
    of `keras.layers.LSTM`.

    Args:
        units: Size of each of the two states, H.
        unit_forget_bias: Whether the bias of the forget gate starts at 1, whatever
            `bias_initializer` gives (Gers et al. 2000, Jozefowicz et al. 2015).
        kernel_initializer: Initializer of W, `(D, 4 H)`.
        recurrent_initializer: Initializer of U, `(H, 4 H)`.
        bias_initializer: Initializer of b, `(4 H,)`.
        **kwargs: `return_sequences`, `return_state`, `go_backwards`, `stateful`: as
            in `keras.layers.RNN`, to which they are passed.

    Call arguments: see `RecurrentLayer`. `initial_state` is `[h, c]`.

    Returns:
        The last hidden state `(B, H)`, or all of them `(B, T, H)` with
        `return_sequences`; with `return_state` the final h and c after it.

    Examples:
        >>> LSTM(4, return_sequences=True)(keras.ops.zeros((2, 5, 3))).shape
        (2, 5, 4)
    """

    cell_class = LSTMCell

    def __init__(
        self,
        units,
        unit_forget_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        cell_arguments = {
            "units": units,
            "unit_forget_bias": unit_forget_bias,
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
        }
        super().__init__(cell_arguments, **kwargs)
