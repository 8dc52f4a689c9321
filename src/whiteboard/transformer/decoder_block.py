"""One layer of a Transformer decoder, with or without an encoder to read."""

import keras

from whiteboard.transformer.transformer_block import TransformerBlock


@keras.saving.register_keras_serializable(package="whiteboard")
class DecoderBlock(TransformerBlock):
    r"""Mix each token with the earlier ones, with the encoder's output, then by an MLP.

    $$\mathbf{h} = \mathbf{x} + \mathrm{MultiHead}_{s \le t}(\mathrm{LN}(\mathbf{x})),
    \quad \mathbf{c} = \mathbf{h} + \mathrm{MultiHead}(\mathrm{LN}(\mathbf{h}),
    \mathbf{m}), \quad \mathbf{y} = \mathbf{c} + \mathrm{MLP}(\mathrm{LN}(\mathbf{c}))$$

    Vaswani et al. 2017, section 3.1, there post-norm (`norm_first=False`). Built
    without a memory $\mathbf{m}$ it has no cross-attention, $\mathbf{c} = \mathbf{h}$:
    the block of GPT-2 (Radford et al. 2019).

    Weight order and weight shapes are those of `keras_hub.layers.TransformerDecoder`.

    Args:
        num_heads: Number of heads of each attention, a divisor of the width D.
        mlp_dim: Number of hidden units of the MLP.
        dropout: Fraction dropped of each sublayer's output in training, in [0, 1).
        activation: Of the MLP, a function or its Keras name.
        norm_first: Whether to normalize what each sublayer reads (pre-norm), or each
            sum (post-norm).
        num_key_value_heads: See `MultiHeadAttention`.
        position: See `MultiHeadAttention`; the cross-attention has none.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        inputs: A tensor of shape `(B, T, D)`.
        memory: The encoder's output `(B, S, E)`, for a block built with one.
        inputs_mask: Boolean `(B, T)`, `False` at padding. Padding on the right needs
            none, since no token attends to later ones. Not read with a cache.
        memory_mask: Boolean `(B, S)`, `False` at padding.
        cache: Keys and values of the tokens so far, from `empty_cache` or the last
            call. The inputs are then the tokens from position `cache_index` on.
        cache_index: Number of tokens in the cache.
        training: Whether dropout is active.

    Returns:
        A tensor of the shape of `inputs`; with a cache the pair of it and the cache
        that holds these tokens, too.

    Raises:
        ValueError: If an argument is out of range, the inputs do not have three axes
            with a known last one, `num_heads` does not divide it, or a memory comes
            to a block built without one, or none to a block built with one.

    Examples:
        >>> x, memory = keras.ops.zeros((2, 9, 64)), keras.ops.zeros((2, 7, 32))
        >>> DecoderBlock(num_heads=4, mlp_dim=256)(x, memory).shape
        (2, 9, 64)
    """

    def build(self, inputs_shape, memory_shape=None):
        self.attention = self.make_attention(inputs_shape, inputs_shape, self.position)
        self.attention_norm = self.make_norm(inputs_shape)
        self.cross_attention = None
        if memory_shape is not None:
            self.cross_attention = self.make_attention(inputs_shape, memory_shape)
            self.cross_attention_norm = self.make_norm(inputs_shape)
        self.mlp = self.make_mlp(inputs_shape)
        self.mlp_norm = self.make_norm(inputs_shape)
        self.built = True

    def call(
        self,
        inputs,
        memory=None,
        inputs_mask=None,
        memory_mask=None,
        cache=None,
        cache_index=None,
        training=None,
    ):
        self._require_memory_as_built(memory)

        def attend_to_past(x):
            nonlocal cache
            if cache is None:
                return self.attention(
                    x, x, value_mask=inputs_mask, use_causal_mask=True
                )
            x, cache = self.attention(x, x, cache=cache, cache_index=cache_index)
            return x

        def attend_to_memory(x):
            return self.cross_attention(x, memory, value_mask=memory_mask)

        x = self.residual(inputs, attend_to_past, self.attention_norm, training)
        if memory is not None:
            x = self.residual(x, attend_to_memory, self.cross_attention_norm, training)
        x = self.residual(x, self.mlp, self.mlp_norm, training)  # (B, T, D)
        return x if cache is None else (x, cache)

    def compute_output_shape(self, inputs_shape, memory_shape=None):
        return tuple(inputs_shape)

    def compute_output_spec(self, inputs, *args, cache=None, **kwargs):
        output = keras.KerasTensor(inputs.shape, dtype=self.compute_dtype)
        if cache is None:
            return output
        return output, keras.KerasTensor(cache.shape, dtype=cache.dtype)

    def empty_cache(self, batch_size, length):
        """Room for the keys and values of `length` tokens of each sequence."""
        return self.attention.empty_cache(batch_size, length)

    def _require_memory_as_built(self, memory):
        if (memory is None) != (self.cross_attention is None):
            built, came = ("without", "one") if memory is not None else ("with", "none")
            raise ValueError(
                f"memory must come as the block was built. Received: {came}, for a "
                f"block built {built} one"
            )
