"""What every recurrent layer shares: the weights of one step, and the loop over time."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: B batch, T steps, D features, H units, G gates (with the candidate).


def require_steps(sequences, mask=None):
    """Raise a ValueError for sequences without steps, or a mask of another shape.

    Args:
        sequences: A tensor of shape `(B, T, D)`; B and T may be unknown.
        mask: None, or an array of shape `(B, T)`.
    """
    shape = tuple(sequences.shape)
    if shape[1] == 0:
        raise ValueError(
            f"sequences must have at least one step. Received: sequences.shape={shape}"
        )
    if mask is None:
        return
    mask_shape = tuple(ops.convert_to_tensor(mask).shape)
    if len(mask_shape) != 2 or any(
        size not in (None, expected) and expected is not None
        for size, expected in zip(mask_shape, shape, strict=False)
    ):
        raise ValueError(
            "mask must have shape (batch, steps), one value for each step. "
            f"Received: mask.shape={mask_shape}, sequences.shape={shape}"
        )


class RecurrentCell(keras.layers.Layer):
    """The weights of one step, the same at every step.

    A subclass sets `gates` and `states`, and writes the step as
    `call(inputs, states) -> (output, new_states)`.

    Args:
        units: Size of the state, H.
        kernel_initializer: Initializer of the input weights, `(D, G H)`.
        recurrent_initializer: Initializer of the state weights, `(H, G H)`.
        bias_initializer: Initializer of the bias.
        **kwargs: Passed to `keras.layers.Layer`.

    Raises:
        ValueError: If `units` is not positive, or D is unknown.
    """

    gates = 1
    states = 1

    def __init__(
        self,
        units,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_positive(units=units)
        self.units = units
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.state_size = [units] * self.states
        self.output_size = units

    def build(self, input_shape):
        features, width = input_shape[-1], self.gates * self.units
        if features is None:
            raise ValueError(
                "The number of features must be known. "
                f"Received: one step of shape {tuple(input_shape)}"
            )
        self.kernel = self.add_weight(
            (features, width), self.kernel_initializer, name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, width), self.recurrent_initializer, name="recurrent_kernel"
        )
        self.bias = self.add_weight(self.bias_shape, self.initial_bias, name="bias")
        self.built = True

    @property
    def bias_shape(self):
        return (self.gates * self.units,)

    def initial_bias(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype)

    def get_config(self):
        initializers = {
            name: keras.initializers.serialize(getattr(self, name))
            for name in (
                "kernel_initializer",
                "recurrent_initializer",
                "bias_initializer",
            )
        }
        return {**super().get_config(), "units": self.units, **initializers}


class RecurrentLayer(keras.layers.RNN):
    """Run a cell over the steps of a sequence.

    `keras.layers.RNN` is the loop: a compiled `while_loop` on TensorFlow, `scan` on
    JAX, a Python loop on PyTorch. A masked step keeps the state and repeats the last
    output. A subclass sets `cell_class` and takes the arguments of its cell.

    Args:
        cell_arguments: The arguments of the cell, with which `get_config` answers.
        **kwargs: Passed to `keras.layers.RNN`: `return_sequences`, `return_state`,
            `go_backwards`, `stateful`, and on to `keras.layers.Layer`.

    Call arguments:
        sequences: A tensor of shape `(B, T, D)`, with at least one step.
        initial_state: A list of tensors of shape `(B, H)`, zeros by default.
        mask: Boolean, `(B, T)`; True where a step counts.

    Raises:
        ValueError: If the sequences are not of rank 3 or have no step, or the mask
            does not have one value for each step.
    """

    cell_class = RecurrentCell

    def __init__(self, cell_arguments, **kwargs):
        layer = {
            name: kwargs[name] for name in ("dtype", "trainable") if name in kwargs
        }
        super().__init__(self.cell_class(**cell_arguments, **layer), **kwargs)
        self.cell_arguments = tuple(cell_arguments)
        self.input_spec = keras.InputSpec(ndim=3)

    def call(self, sequences, initial_state=None, mask=None, training=False):
        require_steps(sequences, mask)
        if mask is not None:
            mask = ops.convert_to_tensor(mask, dtype="bool")
        return super().call(sequences, initial_state, mask, training)

    @property
    def units(self):
        return self.cell.units

    def get_config(self):
        config, cell = super().get_config(), self.cell.get_config()
        del config["cell"]
        return {**config, **{name: cell[name] for name in self.cell_arguments}}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
