"""Sequence to sequence: one recurrent layer reads, another one writes."""

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.rnn.additive_attention import AdditiveAttention
from whiteboard.rnn.gru import GRU
from whiteboard.rnn.lstm import LSTM

# Shapes: B sequences, S source steps, T target steps, U units, V target vocabulary.

CELLS = {"gru": GRU, "lstm": LSTM}


@keras.saving.register_keras_serializable(package="whiteboard")
class EncoderDecoder(keras.Model):
    """A recurrent encoder and decoder over token ids; id 0 is padding.

    The encoder's last state starts the decoder. Without attention that state is all
    the decoder gets (Sutskever et al. 2014; Cho et al. 2014 differ in detail). With
    it, each step also reads all encoder states: scores as in Bahdanau et al. 2015,
    from the decoder's new state as in Luong et al. 2015, so training needs one call.

    Args:
        source_vocabulary: Number of source ids.
        target_vocabulary: Number of target ids, V.
        units: Width U of embeddings, states and attention.
        cell: `"gru"` or `"lstm"`.
        use_attention: Whether the decoder reads all encoder states.
        **kwargs: Passed to `keras.Model`.

    Call arguments:
        inputs: A pair of ids: the source `(B, S)`, padded on the right, and the
            decoder's inputs `(B, T)`: in training the target shifted right, so that
            step t sees the true token t - 1 (teacher forcing).

    Returns:
        Logits `(B, T, V)`.

    Raises:
        ValueError: If a size is not positive or the cell is unknown.

    Examples:
        >>> model = EncoderDecoder(10, 12, units=8, use_attention=True)
        >>> source, target = keras.ops.ones((2, 5)), keras.ops.ones((2, 4))
        >>> model((source, target)).shape
        (2, 4, 12)
    """

    def __init__(
        self,
        source_vocabulary,
        target_vocabulary,
        units,
        cell="gru",
        use_attention=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_positive(
            source_vocabulary=source_vocabulary,
            target_vocabulary=target_vocabulary,
            units=units,
        )
        if cell not in CELLS:
            raise ValueError(f"cell must be one of {[*CELLS]}. Received: cell={cell!r}")
        self.source_vocabulary = source_vocabulary
        self.target_vocabulary = target_vocabulary
        self.units = units
        self.cell = cell
        self.use_attention = use_attention

        layer = {"dtype": self.dtype_policy}
        recurrent = {**layer, "return_sequences": True, "return_state": True}
        self.source_embedding = keras.layers.Embedding(
            source_vocabulary, units, **layer
        )
        self.target_embedding = keras.layers.Embedding(
            target_vocabulary, units, **layer
        )
        self.encoder = CELLS[cell](units, **recurrent)
        self.decoder = CELLS[cell](units, **recurrent)
        self.attention = AdditiveAttention(units, **layer) if use_attention else None
        self.classifier = keras.layers.Dense(target_vocabulary, **layer)

    def build(self, input_shape):
        states = (None, None, self.units)
        for layer in (self.source_embedding, self.target_embedding):
            layer.build((None, None))
        for layer in (self.encoder, self.decoder):
            layer.build(states)
        if self.use_attention:
            self.attention.build(states, states)
        self.classifier.build((None, None, self.units * (1 + self.use_attention)))
        self.built = True

    def call(self, inputs):
        source, decoder_inputs = inputs
        memory, mask, state = self.encode(source)
        logits, _, _ = self.decode(decoder_inputs, state, memory, mask)
        return logits

    def encode(self, source):
        """All encoder states `(B, S, U)`, their mask `(B, S)`, and the last state."""
        mask = ops.not_equal(source, 0)
        memory, *state = self.encoder(self.source_embedding(source), mask=mask)
        return memory, mask, state

    def decode(self, decoder_inputs, state, memory, mask):
        """Run the decoder over T given tokens, from a state.

        Returns:
            The logits `(B, T, V)`, the state after the last token, and the attention
            weights `(B, T, S)`, `None` without attention.
        """
        embedded = self.target_embedding(decoder_inputs)
        hidden, *state = self.decoder(embedded, initial_state=state)  # (B, T, U)
        if self.attention is None:
            return self.classifier(hidden), state, None
        context, weights = self.attention(
            hidden, memory, value_mask=mask, return_attention_scores=True
        )
        features = ops.concatenate([hidden, context], axis=-1)  # (B, T, 2U)
        return self.classifier(features), state, weights

    def greedy_decode(self, source, start, end, max_length):
        """Write free-running: each step reads the most likely token of the last one.

        Args:
            source: Ids `(B, S)`.
            start: The id that the first step reads.
            end: The id after which a sequence is padded with 0.
            max_length: Most steps to write.

        Returns:
            A NumPy array of ids `(B, max_length)`.
        """
        require_positive(max_length=max_length)
        memory, mask, state = self.encode(ops.convert_to_tensor(source))
        token = np.full((len(source), 1), start, "int32")
        is_done = np.zeros((len(source), 1), "bool")
        written = np.zeros((len(source), max_length), "int32")
        for t in range(max_length):
            logits, state, _ = self.decode(token, state, memory, mask)
            token = ops.convert_to_numpy(ops.argmax(logits, axis=-1)).astype("int32")
            token = np.where(is_done, 0, token)
            written[:, t : t + 1] = token
            is_done |= token == end
            if is_done.all():
                break
        return written

    def get_config(self):
        return {
            **super().get_config(),
            "source_vocabulary": self.source_vocabulary,
            "target_vocabulary": self.target_vocabulary,
            "units": self.units,
            "cell": self.cell,
            "use_attention": self.use_attention,
        }
