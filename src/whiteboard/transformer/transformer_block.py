"""What encoder and decoder blocks share: residual connections and the feed-forward."""

import keras

from whiteboard.fundamentals import MLP, LayerNormalization
from whiteboard.transformer.multi_head_attention import MultiHeadAttention

# Shapes: B sequences, T tokens, D width.


class TransformerBlock(keras.layers.Layer):
    """Sublayers from width D to width D, each added to its own input.

    Args:
        num_heads: Number of heads H of each attention, a divisor of the width D.
        mlp_dim: Number of hidden units of the feed-forward layer.
        dropout: Fraction dropped of each sublayer's output in training, in [0, 1).
        activation: Of the feed-forward layer, a function or its Keras name.
        norm_first: Whether each sublayer reads a normalized input (pre-norm), or the
            sum is normalized (post-norm).
        num_key_value_heads: See `MultiHeadAttention`.
        position: See `MultiHeadAttention`; of the self-attention only.
        **kwargs: Passed to `keras.layers.Layer`.
    """

    def __init__(
        self,
        num_heads,
        mlp_dim,
        dropout=0.0,
        activation="gelu",
        norm_first=True,
        num_key_value_heads=None,
        position=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, size in {"num_heads": num_heads, "mlp_dim": mlp_dim}.items():
            if not isinstance(size, int) or size <= 0:
                raise ValueError(
                    f"{name} must be a positive integer. Received: {name}={size}"
                )
        self.num_heads = num_heads
        self.mlp_dim = mlp_dim
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.activation = keras.activations.get(activation)
        self.norm_first = norm_first
        self.num_key_value_heads = num_key_value_heads
        self.position = position
        self.supports_masking = True

    def residual(self, x, sublayer, norm, training=None):
        """Add what the sublayer makes of x to x; normalize before it or after the sum."""
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)), training=training)
        return norm(x + self.dropout(sublayer(x), training=training))

    def make_norm(self, input_shape):
        norm = LayerNormalization(epsilon=1e-6, dtype=self.dtype_policy)
        norm.build(input_shape)
        return norm

    def make_attention(self, query_shape, value_shape, position=None):
        if len(query_shape) != 3 or query_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__} needs inputs of shape (batch, tokens, width) "
                f"with a known width. Received: input_shape={tuple(query_shape)}"
            )
        width = query_shape[-1]
        if width % self.num_heads:
            raise ValueError(
                "num_heads must divide the width. "
                f"Received: num_heads={self.num_heads}, width={width}"
            )
        attention = MultiHeadAttention(
            self.num_heads,
            key_dim=width // self.num_heads,
            num_key_value_heads=self.num_key_value_heads,
            position=position,
            dtype=self.dtype_policy,
        )
        attention.build(query_shape, value_shape)
        return attention

    def make_mlp(self, input_shape):
        units = [self.mlp_dim, input_shape[-1]]
        mlp = MLP(units, self.activation, dtype=self.dtype_policy)
        mlp.build(input_shape)
        return mlp

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "mlp_dim": self.mlp_dim,
            "dropout": self.dropout.rate,
            "activation": keras.activations.serialize(self.activation),
            "norm_first": self.norm_first,
            "num_key_value_heads": self.num_key_value_heads,
            "position": keras.saving.serialize_keras_object(self.position),
        }

    @classmethod
    def from_config(cls, config):
        position = keras.saving.deserialize_keras_object(config["position"])
        return cls(**{**config, "position": position})
