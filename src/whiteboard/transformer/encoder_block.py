"""One layer of a Transformer encoder, normalized before each sublayer."""

import keras

from whiteboard.fundamentals import MLP, LayerNormalization
from whiteboard.transformer.multi_head_attention import MultiHeadAttention


@keras.saving.register_keras_serializable(package="whiteboard")
class EncoderBlock(keras.layers.Layer):
    r"""Mix the tokens by attention, then each token by an MLP; add both to the input.

    $$\mathbf{h} = \mathbf{x} + \mathrm{MultiHead}(\mathrm{LN}(\mathbf{x})), \quad
    \mathbf{y} = \mathbf{h} + \mathrm{MLP}(\mathrm{LN}(\mathbf{h}))$$

    Pre-norm, with GELU in the MLP: Dosovitskiy et al. 2021, "An Image is Worth 16x16
    Words", equations 2 and 3. Vaswani et al. 2017 normalize after each sum instead.

    Args:
        num_heads: Number of heads, a divisor of the width D.
        mlp_dim: Number of hidden units of the MLP.
        dropout: Fraction dropped of each sublayer's output in training, in [0, 1).
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, T, D)`.
        mask: Boolean `(B, T)`, `False` at padding. Keras passes it by itself.
        training: Whether dropout is active.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If an argument is out of range, the inputs do not have three axes
            with a known last one, or `num_heads` does not divide it.

    Example:

    >>> EncoderBlock(num_heads=3, mlp_dim=768)(keras.ops.zeros((2, 197, 192))).shape
    (2, 197, 192)
    """

    def __init__(self, num_heads, mlp_dim, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        for name, size in {"num_heads": num_heads, "mlp_dim": mlp_dim}.items():
            if not isinstance(size, int) or size <= 0:
                raise ValueError(
                    f"{name} must be a positive integer. Received: {name}={size}"
                )
        self.num_heads = num_heads
        self.mlp_dim = mlp_dim
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                "EncoderBlock needs inputs of shape (batch, tokens, width) with a known "
                f"width. Received: input_shape={tuple(input_shape)}"
            )
        width = input_shape[-1]
        if width % self.num_heads:
            raise ValueError(
                "num_heads must divide the width. "
                f"Received: num_heads={self.num_heads}, width={width}"
            )
        dtype, key_dim = self.dtype_policy, width // self.num_heads
        self.attention_norm = LayerNormalization(epsilon=1e-6, dtype=dtype)
        self.attention = MultiHeadAttention(self.num_heads, key_dim, dtype=dtype)
        self.mlp_norm = LayerNormalization(epsilon=1e-6, dtype=dtype)
        self.mlp = MLP([self.mlp_dim, width], activation="gelu", dtype=dtype)
        self.attention.build(input_shape, input_shape)
        for layer in (self.attention_norm, self.mlp_norm, self.mlp):
            layer.build(input_shape)
        self.built = True

    def call(self, inputs, mask=None, training=None):
        x = self.attention_norm(inputs)  # (B, T, D)
        x = self.attention(x, x, value_mask=mask)
        x = attended = inputs + self.dropout(x, training=training)
        x = self.mlp(self.mlp_norm(x))
        return attended + self.dropout(x, training=training)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = {"num_heads": self.num_heads, "mlp_dim": self.mlp_dim}
        return {**super().get_config(), **config, "dropout": self.dropout.rate}
