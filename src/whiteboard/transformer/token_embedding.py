"""Both ends of a language model: from ids to vectors, and back to a score for each id."""

import math

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.positional_encoding import sinusoidal_encoding

# Shapes: B sequences, T tokens, D width, V vocabulary.

ADDED_POSITIONS = ("learned", "sinusoidal", "none")


@keras.saving.register_keras_serializable(package="whiteboard")
class TokenAndPositionEmbedding(keras.layers.Layer):
    r"""Look up each token's vector, scale it, and add the vector of its position.

    $$\mathbf{h}_t = \sqrt{D} \, E[\mathrm{id}_t] + P[t], \quad
    \mathrm{logits}_t = E \, \mathbf{y}_t$$

    Vaswani et al. 2017, sections 3.4 and 3.5. One table E stands at both ends (Press &
    Wolf 2017). It starts with variance 1 / D: then the scaled vectors have variance 1,
    and so have the logits of a normalized $\mathbf{y}_t$.

    Args:
        vocabulary_size: Number of ids, V.
        width: Size D of a vector.
        max_length: Number of positions in P.
        position: What P holds: `"learned"` weights, `"sinusoidal"` ones, or `"none"`,
            which leaves it out.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        ids: Token ids `(B, T)`.
        index: Position of the first token, an integer or integer scalar tensor. Where
            it is a tensor, that the tokens fit is for the caller to ensure.

    Returns:
        Vectors `(B, T, D)`.

    Raises:
        ValueError: If a size is not positive, the position is unknown, or P has fewer
            than `index + T` rows.

    Examples:
        >>> embedding = TokenAndPositionEmbedding(50, width=32, max_length=16)
        >>> embedding(keras.ops.ones((2, 9), "int32")).shape
        (2, 9, 32)
    """

    def __init__(
        self, vocabulary_size, width, max_length, position="learned", **kwargs
    ):
        super().__init__(**kwargs)
        require_positive(
            vocabulary_size=vocabulary_size, width=width, max_length=max_length
        )
        if position not in ADDED_POSITIONS:
            raise ValueError(
                f"position must be one of {[*ADDED_POSITIONS]}. "
                f"Received: position={position!r}"
            )
        self.vocabulary_size = vocabulary_size
        self.width = width
        self.max_length = max_length
        self.position = position
        self.tokens = keras.layers.ReversibleEmbedding(
            vocabulary_size,
            width,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
            dtype=self.dtype_policy,
        )

    def build(self, input_shape):
        self.tokens.build(input_shape)
        if self.position == "learned":
            self.positions = self.add_weight(
                (self.max_length, self.width),
                keras.initializers.RandomNormal(stddev=0.5),  # as GPT-2, half a token's
                name="positions",
            )
        self.built = True

    def call(self, ids, index=0):
        x = self.tokens(ids) * math.sqrt(self.width)  # (B, T, D)
        if self.position == "none":
            return x
        length = ops.shape(ids)[1]
        self._require_within(index, length)
        if self.position == "learned":
            table = self.positions
        else:
            table = sinusoidal_encoding(self.max_length, self.width)
        rows = ops.slice(ops.cast(table, x.dtype), (index, 0), (length, self.width))
        return x + rows

    def logits(self, x):
        """Score each id by its vector: from `(..., D)` to `(..., V)`."""
        return self.tokens(x, reverse=True)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.width)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "width": self.width,
            "max_length": self.max_length,
            "position": self.position,
        }

    def _require_within(self, index, length):
        is_known = isinstance(index, int) and isinstance(length, int)
        if is_known and index + length > self.max_length:
            raise ValueError(
                "The sequence must not be longer than max_length. "
                f"Received: length={index + length}, max_length={self.max_length}"
            )
