"""Multi-head attention as a Keras layer."""

import functools

import keras
from keras import ops

from whiteboard.transformer.attention import causal_mask, scaled_dot_product_attention
from whiteboard.transformer.attention_position import AttentionPosition
from whiteboard.transformer.key_value_cache import write_to_cache


@keras.saving.register_keras_serializable(package="whiteboard")
class MultiHeadAttention(keras.layers.Layer):
    r"""Attend in several learned subspaces at once and mix the results.

    $$\mathrm{head}_i = \mathrm{Attention}(QW^Q_i, KW^K_i, VW^V_i)$$
    $$\mathrm{MultiHead}(Q, K, V) = [\mathrm{head}_1; \ldots; \mathrm{head}_H]\,W^O$$

    Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2; fewer
    heads of keys and values: Shazeer 2019 (one), Ainslie et al. 2023 (groups).

    Weight order and weight shapes are those of `keras.layers.MultiHeadAttention`, or of
    `keras.layers.GroupQueryAttention`, so `set_weights` moves weights between them.

    Args:
        num_heads: Number of heads H, a positive integer.
        key_dim: Size Dk of each head's query and key, a positive integer.
        value_dim: Size Dv of each head's value. `None` means `key_dim`.
        dropout: Fraction of attention weights dropped in training, in [0, 1).
        use_bias: Whether the four projections add a bias.
        num_key_value_heads: Number of heads G of keys and values, a divisor of H; each
            serves H / G heads of queries. `None` means H, 1 is multi-query attention.
        position: An `AttentionPosition`, such as `RotaryEmbedding`, or `None`.
        **kwargs: Arguments of `keras.layers.Layer`: `name`, `dtype`, `trainable`.

    Call arguments:
        query: Tensor `(B, T, d)`.
        value: Tensor `(B, S, dv)`.
        key: Tensor `(B, S, dk)`. `None` means `value`.
        query_mask: Boolean `(B, T)`, `False` at padding. Keras passes it by itself
            where `query` carries a mask; so with `value_mask`, `key_mask`.
        value_mask: Boolean `(B, S)`.
        key_mask: Boolean `(B, S)`.
        attention_mask: Boolean `(B, T, S)`, `(T, S)` or `(B, H, T, S)`, `True` where
            a query may attend.
        return_attention_scores: Whether to return the attention weights as well.
        use_causal_mask: Whether position t may attend to positions s <= t only.
        cache: Keys and values of earlier tokens, `(B, 2, G, L, Dk)`, from `empty_cache`
            or the last call. Attention is then causal, over all that is written.
        cache_index: Number of tokens written, an integer or integer scalar tensor. Where
            it is a tensor, that the T new ones fit into L is for the caller to ensure.
        training: Whether dropout is active.

    Returns:
        The output `(B, T, d)`; then, if `return_attention_scores`, the attention
        weights `(B, H, T, S)` before dropout; then the new cache if one was given.

    Raises:
        ValueError: If an argument is out of range, the inputs' or the cache's shapes
            disagree, or the new tokens do not fit into the cache.
        TypeError: If `position` is no `AttentionPosition`.

    Examples:
        >>> x = keras.random.normal((2, 5, 8))
        >>> layer = MultiHeadAttention(num_heads=2, key_dim=4)
        >>> layer(x, x, use_causal_mask=True).shape
        (2, 5, 8)
    """

    def __init__(
        self,
        num_heads,
        key_dim,
        value_dim=None,
        dropout=0.0,
        use_bias=True,
        num_key_value_heads=None,
        position=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        value_dim = key_dim if value_dim is None else value_dim
        if num_key_value_heads is None:
            num_key_value_heads = num_heads
        sizes = {
            "num_heads": num_heads,
            "key_dim": key_dim,
            "value_dim": value_dim,
            "num_key_value_heads": num_key_value_heads,
        }
        for name, size in sizes.items():
            if not isinstance(size, int) or size <= 0:
                raise ValueError(
                    f"{name} must be a positive integer. Received: {name}={size}"
                )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be in [0, 1). Received: dropout={dropout}")
        if num_heads % num_key_value_heads:
            raise ValueError(
                "num_key_value_heads must divide num_heads. Received: "
                f"num_key_value_heads={num_key_value_heads}, num_heads={num_heads}"
            )
        if not isinstance(position, AttentionPosition | None):
            raise TypeError(
                "position must be an AttentionPosition or None. "
                f"Received: position={position!r}"
            )
        self.num_heads = num_heads
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.dropout = dropout
        self.use_bias = use_bias
        self.num_key_value_heads = num_key_value_heads
        self.position = position
        self.dropout_layer = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.supports_masking = True

    def build(self, query_shape, value_shape, key_shape=None):
        key_shape = value_shape if key_shape is None else key_shape
        shapes = {"query": query_shape, "value": value_shape, "key": key_shape}
        for name, shape in shapes.items():
            if len(shape) != 3:
                raise ValueError(
                    f"{name} must have shape (batch, length, features). "
                    f"Received: {name}.shape={tuple(shape)}"
                )
        query_dim = query_shape[-1]
        heads, groups = self.num_heads, self.num_key_value_heads
        self._add_projection("query", (query_dim, heads, self.key_dim))
        self._add_projection("key", (key_shape[-1], groups, self.key_dim))
        self._add_projection("value", (value_shape[-1], groups, self.value_dim))
        self._add_projection("output", (heads, self.value_dim, query_dim))
        if self.position is not None and not self.position.built:
            self.position.build((query_shape[0], heads, query_shape[1], self.key_dim))

    def _add_projection(self, name, kernel_shape):
        kernel = self.add_weight(kernel_shape, "glorot_uniform", name=f"{name}_kernel")
        setattr(self, f"{name}_kernel", kernel)
        if self.use_bias:
            bias_shape = kernel_shape[-1:] if name == "output" else kernel_shape[1:]
            bias = self.add_weight(bias_shape, "zeros", name=f"{name}_bias")
            setattr(self, f"{name}_bias", bias)

    def empty_cache(self, batch_size, length):
        """A cache for `length` tokens, nothing written: zeros `(B, 2, G, L, Dk)`."""
        if self.value_dim != self.key_dim:
            raise ValueError(
                "A cache needs keys and values of one size. "
                f"Received: key_dim={self.key_dim}, value_dim={self.value_dim}"
            )
        shape = (batch_size, 2, self.num_key_value_heads, length, self.key_dim)
        return ops.zeros(shape, self.compute_dtype)

    # B batch, T queries, S keys (L with a cache), H heads, G heads of keys and values,
    # Dk key_dim, Dv value_dim, d features
    def call(
        self,
        query,
        value,
        key=None,
        query_mask=None,
        value_mask=None,
        key_mask=None,
        attention_mask=None,
        return_attention_scores=False,
        use_causal_mask=False,
        cache=None,
        cache_index=None,
        training=None,
    ):
        key = value if key is None else key
        offset = 0 if cache is None else cache_index
        query = self._split_heads("query", query)  # (B, H, T, Dk)
        key = self._split_heads("key", key)  # (B, G, S, Dk)
        value = self._split_heads("value", value)  # (B, G, S, Dv)
        if self.position is not None:
            query = self.position.rotate(query, offset)
            key = self.position.rotate(key, offset)
        if cache is not None:
            cache = write_to_cache(cache, key, value, cache_index)
            key, value = cache[:, 0], cache[:, 1]  # (B, G, L, Dk)
        lengths = ops.shape(query)[2], ops.shape(key)[2]

        mask = _merge_masks(query_mask, value_mask, key_mask, attention_mask)
        if use_causal_mask or cache is not None:
            causal = causal_mask(*lengths, offset)  # (T, S)
            mask = causal if mask is None else ops.logical_and(mask, causal)
        bias = None if self.position is None else self.position.bias(*lengths, offset)

        heads_per_group = self.num_heads // self.num_key_value_heads
        if heads_per_group > 1:
            key = ops.repeat(key, heads_per_group, axis=1)  # (B, H, S, Dk)
            value = ops.repeat(value, heads_per_group, axis=1)
        heads, attention_scores = scaled_dot_product_attention(
            query, key, value, mask, bias
        )
        if self.dropout > 0 and training:
            dropped = self.dropout_layer(attention_scores, training=True)
            heads = ops.einsum("bhts,bhsv->bhtv", dropped, value)
        results = [self._join_heads(heads)]  # (B, T, d)
        if return_attention_scores:
            results.append(attention_scores)
        if cache is not None:
            results.append(cache)
        return results[0] if len(results) == 1 else tuple(results)

    def _split_heads(self, name, inputs):
        kernel = getattr(self, f"{name}_kernel")  # (d, H, Dk)
        projected = ops.einsum("btd,dhk->bhtk", inputs, kernel)
        if self.use_bias:
            bias = getattr(self, f"{name}_bias")  # (H, Dk)
            projected = projected + bias[:, None, :]
        return projected  # (B, H, T, Dk)

    def _join_heads(self, heads):
        output = ops.einsum("bhtv,hvd->btd", heads, self.output_kernel)
        return output + self.output_bias if self.use_bias else output  # (B, T, d)

    def compute_output_shape(self, query_shape, value_shape, key_shape=None):
        return tuple(query_shape)

    def compute_output_spec(
        self, query, value, *args, return_attention_scores=False, cache=None, **kwargs
    ):
        specs = [keras.KerasTensor(query.shape, dtype=self.compute_dtype)]
        if return_attention_scores:
            key_length = value.shape[1] if cache is None else cache.shape[3]
            shape = (query.shape[0], self.num_heads, query.shape[1], key_length)
            specs.append(keras.KerasTensor(shape, dtype=self.compute_dtype))
        if cache is not None:
            specs.append(keras.KerasTensor(cache.shape, dtype=cache.dtype))
        return specs[0] if len(specs) == 1 else tuple(specs)

    def get_config(self):
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "num_key_value_heads": self.num_key_value_heads,
            "position": keras.saving.serialize_keras_object(self.position),
        }

    @classmethod
    def from_config(cls, config):
        position = keras.saving.deserialize_keras_object(config["position"])
        return cls(**{**config, "position": position})


def _merge_masks(query_mask, value_mask, key_mask, attention_mask):
    """One mask broadcastable to (B, H, T, S): the logical and of those given."""
    masks = []
    if query_mask is not None:
        masks.append(query_mask[:, None, :, None])  # (B, 1, T, 1)
    for mask in (value_mask, key_mask):
        if mask is not None:
            masks.append(mask[:, None, None, :])  # (B, 1, 1, S)
    if attention_mask is not None:
        has_no_heads = len(attention_mask.shape) == 3
        masks.append(attention_mask[:, None] if has_no_heads else attention_mask)
    return functools.reduce(ops.logical_and, masks) if masks else None
