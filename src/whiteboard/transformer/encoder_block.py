"""One layer of a Transformer encoder."""

import keras

from whiteboard.transformer.transformer_block import TransformerBlock


@keras.saving.register_keras_serializable(package="whiteboard")
class EncoderBlock(TransformerBlock):
    r"""Mix the tokens by attention, then each token by an MLP; add both to the input.

    $$\mathbf{h} = \mathbf{x} + \mathrm{MultiHead}(\mathrm{LN}(\mathbf{x})), \quad
    \mathbf{y} = \mathbf{h} + \mathrm{MLP}(\mathrm{LN}(\mathbf{h}))$$

    Pre-norm, with GELU in the MLP: Dosovitskiy et al. 2021, "An Image is Worth 16x16
    Words", equations 2 and 3. With `norm_first=False` each sum is normalized instead,
    $\mathrm{LN}(\mathbf{x} + f(\mathbf{x}))$: Vaswani et al. 2017, with ReLU, and
    Devlin et al. 2019 (BERT), with GELU.

    Weight order and weight shapes are those of `keras_hub.layers.TransformerEncoder`.

    Args:
        num_heads: Number of heads, a divisor of the width D.
        mlp_dim: Number of hidden units of the MLP.
        dropout: Fraction dropped of each sublayer's output in training, in [0, 1).
        activation: Of the MLP, a function or its Keras name.
        norm_first: Whether to normalize what each sublayer reads (pre-norm), or each
            sum (post-norm).
        num_key_value_heads: See `MultiHeadAttention`.
        position: See `MultiHeadAttention`.
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

    Examples:
        >>> EncoderBlock(num_heads=3, mlp_dim=768)(keras.ops.zeros((2, 197, 192))).shape
        (2, 197, 192)
    """

    def build(self, input_shape):
        self.attention = self.make_attention(input_shape, input_shape, self.position)
        self.attention_norm = self.make_norm(input_shape)
        self.mlp_norm = self.make_norm(input_shape)
        self.mlp = self.make_mlp(input_shape)
        self.built = True

    def call(self, inputs, mask=None, training=None):
        def attend(x):
            return self.attention(x, x, value_mask=mask)

        x = self.residual(inputs, attend, self.attention_norm, training)  # (B, T, D)
        return self.residual(x, self.mlp, self.mlp_norm, training)
