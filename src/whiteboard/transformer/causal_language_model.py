"""A decoder-only Transformer: each token is predicted from those before it."""

import keras

from whiteboard.fundamentals import LayerNormalization, require_positive
from whiteboard.transformer.alibi import ALiBi
from whiteboard.transformer.decoder_block import DecoderBlock
from whiteboard.transformer.relative_position_bias import RelativePositionBias
from whiteboard.transformer.rotary_embedding import RotaryEmbedding
from whiteboard.transformer.token_embedding import (
    ADDED_POSITIONS,
    TokenAndPositionEmbedding,
)

# Shapes: B sequences, T tokens, L cached tokens, D width, V vocabulary.

IN_ATTENTION = {
    "rotary": RotaryEmbedding,
    "alibi": ALiBi,
    "relative": lambda: RelativePositionBias(bidirectional=False),
}


@keras.saving.register_keras_serializable(package="whiteboard")
class CausalLanguageModel(keras.Model):
    r"""Embed the tokens, pass them through decoder blocks, score each next token.

    $$\mathbf{h}_0 = \mathrm{Embedding}(\mathrm{ids}), \quad
    \mathbf{h}_l = \mathrm{Block}_l(\mathbf{h}_{l-1}), \quad
    \mathrm{logits} = \mathrm{LN}(\mathbf{h}_L) E^\top$$

    Pre-norm blocks, a last norm, and the table E of the embedding again at the end, as
    in GPT-2 (Radford et al. 2019): with its sizes it has 124,439,808 parameters.

    Args:
        vocabulary_size: Number of ids, V.
        width: Width D of the tokens.
        num_layers: Number of decoder blocks.
        num_heads: Number of heads, a divisor of the width.
        max_length: Most positions of a learned or sinusoidal encoding; the others have
            no bound.
        position: `"learned"` or `"sinusoidal"`, added to the tokens; `"rotary"`,
            `"alibi"` or `"relative"`, inside attention; or `"none"`.
        dropout: Fraction dropped of the embeddings and each sublayer's output.
        num_key_value_heads: See `MultiHeadAttention`.
        **kwargs: Passed to `keras.Model`.

    Call arguments:
        ids: Token ids `(B, T)`.
        training: Whether dropout is active.

    Returns:
        Logits `(B, T, V)`: those at t score the token t + 1.

    Raises:
        ValueError: If a size is not positive, `num_heads` does not divide the width,
            the position is unknown, or the sequence is longer than `max_length` where
            that is a bound.

    Examples:
        >>> model = CausalLanguageModel(50, 32, num_layers=2, num_heads=4, max_length=16)
        >>> model(keras.ops.ones((2, 9), "int32")).shape
        (2, 9, 50)
    """

    def __init__(
        self,
        vocabulary_size,
        width,
        num_layers,
        num_heads,
        max_length,
        position="learned",
        dropout=0.0,
        num_key_value_heads=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.sizes = {
            "vocabulary_size": vocabulary_size,
            "width": width,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "max_length": max_length,
        }
        require_positive(**self.sizes)
        known = [*ADDED_POSITIONS, *IN_ATTENTION]
        if position not in known:
            raise ValueError(
                f"position must be one of {known}. Received: position={position!r}"
            )
        self.position = position
        self.num_key_value_heads = num_key_value_heads

        layer, block_position = {"dtype": self.dtype_policy}, None
        if position in IN_ATTENTION:
            block_position, position = IN_ATTENTION[position](), "none"
        self.embedding = TokenAndPositionEmbedding(
            vocabulary_size, width, max_length, position, **layer
        )
        self.dropout = keras.layers.Dropout(dropout, **layer)
        self.blocks = [
            DecoderBlock(
                num_heads,
                mlp_dim=4 * width,
                dropout=dropout,
                num_key_value_heads=num_key_value_heads,
                position=block_position,  # one for all blocks, as in T5
                **layer,
            )
            for _ in range(num_layers)
        ]
        self.norm = LayerNormalization(epsilon=1e-6, **layer)

    def build(self, input_shape):
        self.embedding.build(input_shape)
        states = (*input_shape, self.sizes["width"])
        for layer in (*self.blocks, self.norm):
            layer.build(states)
        self.built = True

    def call(self, ids, training=None):
        x = self.dropout(self.embedding(ids), training=training)  # (B, T, D)
        for block in self.blocks:
            x = block(x, training=training)
        return self.embedding.logits(self.norm(x))  # (B, T, V)

    def step(self, ids, cache, index):
        """Score the next tokens, given a cache of the tokens before these.

        Args:
            ids: The tokens from position `index` on, `(B, t)`.
            cache: From `empty_cache` or the last step.
            index: Number of tokens in the cache, an integer or integer scalar tensor.

        Returns:
            Logits `(B, t, V)`, and the cache that holds these tokens, too.
        """
        x, cache = self.embedding(ids, index=index), list(cache)
        for i, block in enumerate(self.blocks):
            x, cache[i] = block(x, cache=cache[i], cache_index=index)
        return self.embedding.logits(self.norm(x)), cache

    def empty_cache(self, batch_size, length):
        """Room for `length` tokens of each sequence: one tensor for each block."""
        if not self.built:
            self.build((batch_size, None))
        return [block.empty_cache(batch_size, length) for block in self.blocks]

    def get_config(self):
        return {
            **super().get_config(),
            **self.sizes,
            "position": self.position,
            "dropout": self.dropout.rate,
            "num_key_value_heads": self.num_key_value_heads,
        }
