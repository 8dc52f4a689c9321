"""The Transformer of 2017: an encoder reads, a decoder writes and looks at what was read."""

import functools
import types

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals import LayerNormalization, require_positive
from whiteboard.transformer.decoder_block import DecoderBlock
from whiteboard.transformer.decoding import generate
from whiteboard.transformer.encoder_block import EncoderBlock
from whiteboard.transformer.token_embedding import TokenAndPositionEmbedding

# Shapes: B sequences, S source tokens, T target tokens, D width, V target vocabulary.


@keras.saving.register_keras_serializable(package="whiteboard")
class TranslationModel(keras.Model):
    """A Transformer from one sequence of ids to another; id 0 is padding.

    Vaswani et al. 2017, "Attention Is All You Need": sinusoidal positions, as many
    blocks in the encoder as in the decoder, and the target's table of embeddings again
    as the classifier. The blocks are pre-norm, so each stack ends in a norm.

    Swaps with `whiteboard.rnn.EncoderDecoder`: the same inputs, the same decoding.

    Args:
        source_vocabulary: Number of source ids.
        target_vocabulary: Number of target ids, V.
        width: Width D of the tokens.
        num_layers: Number of blocks of the encoder, and of the decoder.
        num_heads: Number of heads, a divisor of the width.
        max_length: Most tokens of a source, and of a target.
        dropout: Fraction dropped of each sublayer's output in training, in [0, 1).
        **kwargs: Passed to `keras.Model`.

    Call arguments:
        inputs: A pair of ids: the source `(B, S)`, padded on the right, and the
            decoder's inputs `(B, T)`: in training the target shifted right, so that
            step t sees the true tokens before t (teacher forcing).
        training: Whether dropout is active.

    Returns:
        Logits `(B, T, V)`.

    Raises:
        ValueError: If a size is not positive, `num_heads` does not divide the width,
            or a sequence is longer than `max_length`.

    Examples:
        >>> model = TranslationModel(10, 12, 32, num_layers=2, num_heads=4, max_length=16)
        >>> source, target = keras.ops.ones((2, 5)), keras.ops.ones((2, 4))
        >>> model((source, target)).shape
        (2, 4, 12)
    """

    def __init__(
        self,
        source_vocabulary,
        target_vocabulary,
        width,
        num_layers,
        num_heads,
        max_length,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sizes = {
            "source_vocabulary": source_vocabulary,
            "target_vocabulary": target_vocabulary,
            "width": width,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "max_length": max_length,
        }
        require_positive(**self.sizes)
        self.dropout = dropout

        layer = {"dtype": self.dtype_policy}
        self.source_embedding, self.target_embedding = (
            TokenAndPositionEmbedding(size, width, max_length, "sinusoidal", **layer)
            for size in (source_vocabulary, target_vocabulary)
        )
        block = {"num_heads": num_heads, "mlp_dim": 4 * width, "activation": "relu"}
        block |= {"dropout": dropout, **layer}
        self.encoder = [EncoderBlock(**block) for _ in range(num_layers)]
        self.decoder = [DecoderBlock(**block) for _ in range(num_layers)]
        self.encoder_norm = LayerNormalization(epsilon=1e-6, **layer)
        self.decoder_norm = LayerNormalization(epsilon=1e-6, **layer)

    def build(self, input_shape):
        states = (None, None, self.sizes["width"])
        for embedding in (self.source_embedding, self.target_embedding):
            embedding.build((None, None))
        for layer in (*self.encoder, self.encoder_norm, self.decoder_norm):
            layer.build(states)
        for block in self.decoder:
            block.build(states, states)
        self.built = True

    def call(self, inputs, training=None):
        source, decoder_inputs = inputs
        memory, mask = self.encode(source, training)
        x = self.target_embedding(decoder_inputs)  # (B, T, D)
        for block in self.decoder:
            x = block(x, memory, memory_mask=mask, training=training)
        return self.target_embedding.logits(self.decoder_norm(x))

    def encode(self, source, training=None):
        """What the decoder reads, the memory `(B, S, D)`, and its mask `(B, S)`."""
        mask = ops.not_equal(source, 0)
        x = self.source_embedding(source)
        for block in self.encoder:
            x = block(x, mask=mask, training=training)
        return self.encoder_norm(x), mask

    def step(self, ids, cache, index, memory, mask):
        """As `CausalLanguageModel.step`, with the encoder's output and its mask."""
        x, cache = self.target_embedding(ids, index=index), list(cache)
        for i, block in enumerate(self.decoder):
            x, cache[i] = block(
                x, memory, memory_mask=mask, cache=cache[i], cache_index=index
            )
        return self.target_embedding.logits(self.decoder_norm(x)), cache

    def empty_cache(self, batch_size, length):
        """Room for `length` target tokens of each pair: one tensor for each block."""
        return [block.empty_cache(batch_size, length) for block in self.decoder]

    def conditioned_on(self, source):
        """The decoder that has read these sources, as `generate` takes a model."""
        memory, mask = self.encode(ops.convert_to_tensor(source))
        step = functools.partial(self.step, memory=memory, mask=mask)
        return types.SimpleNamespace(empty_cache=self.empty_cache, step=step)

    def greedy_decode(self, source, start, end, max_length):
        """Write free-running: each step reads the most likely tokens of those before.

        Args:
            source: Ids `(B, S)`.
            start: The id that the first step reads.
            end: The id after which a sequence is padded with 0.
            max_length: Most steps to write.

        Returns:
            A NumPy array of ids `(B, max_length)`.
        """
        prompt = np.full((len(source), 1), start)
        decoder = self.conditioned_on(source)
        written = generate(decoder, prompt, max_length, end_token=end)[:, 1:]
        return np.where(np.cumsum(written == end, axis=1) > 1, 0, written)

    def get_config(self):
        return {**super().get_config(), **self.sizes, "dropout": self.dropout}
