"""Grouped-query attention out of a trained multi-head layer."""

from whiteboard.transformer.multi_head_attention import MultiHeadAttention


def pool_key_value_heads(attention, num_key_value_heads):
    r"""Replace each group of key and value heads by its mean.

    $$\bar W^K_g = \frac{G}{H} \sum_{i \in \mathrm{group}\ g} W^K_i$$

    Source: Ainslie et al., "GQA", 2023, section 2.1. Exact where the heads of a group
    agree; elsewhere a start for further training.

    Args:
        attention: A built `MultiHeadAttention` with H key and value heads.
        num_key_value_heads: G, a divisor of H. 1 gives multi-query attention.

    Returns:
        A new layer with the queries and the output projection of `attention`.

    Raises:
        ValueError: If the layer is not built or G does not divide H.

    Examples:
        >>> attention = MultiHeadAttention(num_heads=8, key_dim=4)
        >>> attention.build((None, None, 32), (None, None, 32))
        >>> pool_key_value_heads(attention, 2).key_kernel.shape
        (32, 2, 4)
    """
    if not attention.built:
        raise ValueError(f"attention must be built. Received: {attention.name}")
    heads = attention.num_key_value_heads
    if num_key_value_heads < 1 or heads % num_key_value_heads:
        raise ValueError(
            f"num_key_value_heads must divide the layer's, {heads}. "
            f"Received: num_key_value_heads={num_key_value_heads}"
        )
    config = {**attention.get_config(), "num_key_value_heads": num_key_value_heads}
    pooled = MultiHeadAttention.from_config(config)
    kernels = attention.query_kernel, attention.value_kernel, attention.key_kernel
    pooled.build(*((None, None, kernel.shape[0]) for kernel in kernels))
    weights = zip(attention.get_weights(), pooled.weights, strict=True)
    pooled.set_weights([_mean_of_groups(weight, new.shape) for weight, new in weights])
    return pooled


def _mean_of_groups(weight, new_shape):
    """(..., H, Dk) -> (..., G, H / G, Dk) -> (..., G, Dk); what is not per head stays."""
    return weight.reshape(*new_shape[:-1], -1, new_shape[-1]).mean(axis=-2)
