"""What tells attention where the tokens are."""

import keras
from keras import ops


class AttentionPosition(keras.layers.Layer):
    """Base of the encodings that act inside attention, on queries, keys or scores.

    `MultiHeadAttention(position=...)` calls both methods; a subclass overrides the one
    it needs. It is built with the shape `(B, H, T, Dk)` of the queries. The values are
    never touched: what a token hands over does not depend on where it stands.

    Shapes: B batch, H heads, T queries, S keys, Dk features of a head.
    """

    def rotate(self, inputs, offset=0):
        """Encode the positions `offset .. offset + T - 1` into queries or keys.

        Args:
            inputs: Tensor `(B, H, T, Dk)`.
            offset: Position of the first token, an integer or integer scalar tensor.

        Returns:
            A tensor of the shape and dtype of `inputs`.
        """
        return inputs

    def bias(self, query_length, key_length, offset=0):
        """What is added to the scores of each query and key.

        Args:
            query_length: T, an integer or integer scalar tensor.
            key_length: S, likewise. The first key is at position 0.
            offset: Position of the first query, likewise.

        Returns:
            Tensor `(H, T, S)`, or `None` where nothing is added.
        """
        return


class ScoreBias(AttentionPosition):
    """Base of the encodings that add a number per head and offset to the scores.

    As a layer of its own it takes scores `(B, H, T, S)` and returns them with the bias.
    """

    def build(self, input_shape):
        if len(input_shape) != 4 or input_shape[1] is None:
            raise ValueError(
                f"{type(self).__name__} needs inputs of shape (batch, heads, length, "
                f"...) with known heads. Received: input_shape={tuple(input_shape)}"
            )
        self.num_heads = input_shape[1]
        self.built = True

    def call(self, scores, offset=0):
        bias = self.bias(*ops.shape(scores)[-2:], offset)
        return scores + ops.cast(bias, scores.dtype)

    def compute_output_shape(self, scores_shape):
        return scores_shape
