"""Two recurrent networks over one sequence, one of them from its end."""

import keras
from keras import ops

MERGE = {
    "concat": lambda forward, backward: ops.concatenate([forward, backward], axis=-1),
    "sum": ops.add,
    "mul": ops.multiply,
    "ave": lambda forward, backward: (forward + backward) / 2,
}


@keras.saving.register_keras_serializable(package="whiteboard")
class Bidirectional(keras.layers.Layer):
    r"""Read a sequence in both directions and merge the two outputs step by step.

    $$y_t = [\overrightarrow{h}_t, \overleftarrow{h}_t]$$

    The forward output has seen $x_1 \dots x_t$, the backward one $x_t \dots x_T$. With
    `return_sequences=False` the two last states are merged: the forward one after
    $x_T$, the backward one after $x_1$. Steps masked at the end come first in the
    backward pass and leave its state as it was, so it starts at the last real step.
    Masked steps of an output sequence are 0.

    Schuster & Paliwal 1997. Weights in the order of `keras.layers.Bidirectional`: those
    of the forward layer, then those of the backward one.

    Args:
        layer: A recurrent layer, of which two copies with weights of their own are made.
        merge_mode: `"concat"`, `"sum"`, `"mul"` or `"ave"`.
        **kwargs: As for any layer; `dtype` is the layer's unless given.

    Call arguments:
        sequences: `(B, T, D)`.
        initial_state: The forward layer's states, then the backward layer's.
        mask: Booleans `(B, T)`, False at steps to skip.

    Returns:
        `(B, T, n)` if the layer returns sequences, else `(B, n)`; n is twice the
        layer's units for `"concat"`. With `return_state` of the layer a tuple: the
        output, the states of the forward layer, those of the backward one.

    Raises:
        ValueError: If `layer` is not a recurrent layer, is stateful or reads backwards
            itself, or `merge_mode` is unknown.

    Examples:
        >>> layer = Bidirectional(keras.layers.LSTM(64, return_sequences=True))
        >>> layer(np.zeros((2, 10, 32))).shape
        (2, 10, 128)
    """

    def __init__(self, layer, merge_mode="concat", **kwargs):
        if not isinstance(layer, keras.layers.Layer) or not hasattr(
            layer, "return_sequences"
        ):
            raise ValueError(f"layer must be recurrent. Received: layer={layer}")
        for flag in ("stateful", "go_backwards"):
            if getattr(layer, flag, False):
                raise ValueError(f"layer must not be {flag}. Received: {flag}=True")
        if merge_mode not in MERGE:
            raise ValueError(
                f"merge_mode must be one of {', '.join(MERGE)}. "
                f"Received: merge_mode={merge_mode}"
            )
        super().__init__(**{"dtype": layer.dtype_policy, **kwargs})
        self.forward_layer = self._copy(layer, "forward")
        self.backward_layer = self._copy(layer, "backward")
        self.merge_mode = merge_mode
        self.supports_masking = True

    def _copy(self, layer, direction):
        config = layer.get_config()
        name = layer.name.removeprefix("forward_")
        config |= {"name": f"{direction}_{name}", "dtype": self.dtype_policy}
        return type(layer).from_config(config)

    def build(self, sequences_shape, initial_state_shape=None):
        self.forward_layer.build(sequences_shape)
        self.backward_layer.build(sequences_shape)

    def call(self, sequences, initial_state=None, mask=None):
        states = list(initial_state) if initial_state is not None else []
        half = len(states) // 2
        forward = self.forward_layer(
            sequences, initial_state=states[:half] or None, mask=mask
        )
        backward = self.backward_layer(
            ops.flip(sequences, axis=1),
            initial_state=states[half:] or None,
            mask=None if mask is None else ops.flip(mask, axis=1),
        )
        if not self.forward_layer.return_state:
            return self.merge(forward, backward, mask)
        (forward, *forward_states), (backward, *backward_states) = forward, backward
        output = self.merge(forward, backward, mask)
        return output, *forward_states, *backward_states

    def merge(self, forward, backward, mask):
        if not self.forward_layer.return_sequences:
            return MERGE[self.merge_mode](forward, backward)
        output = MERGE[self.merge_mode](forward, ops.flip(backward, axis=1))
        if mask is None:
            return output
        return ops.where(ops.expand_dims(mask, -1), output, ops.zeros_like(output))

    def compute_mask(self, sequences, mask):
        return mask if self.forward_layer.return_sequences else None

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        states = ()
        if self.forward_layer.return_state:
            shape, *states = shape
        if self.merge_mode == "concat":
            shape = (*shape[:-1], 2 * shape[-1])
        return (shape, *states, *states) if states else tuple(shape)

    def get_config(self):
        layer = keras.saving.serialize_keras_object(self.forward_layer)
        return {**super().get_config(), "layer": layer, "merge_mode": self.merge_mode}

    @classmethod
    def from_config(cls, config):
        layer = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**{**config, "layer": layer})
