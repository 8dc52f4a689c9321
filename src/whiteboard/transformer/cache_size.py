"""How many bytes a decoder's cache takes."""

from whiteboard.fundamentals import require_positive


def key_value_cache_bytes(
    num_layers, num_key_value_heads, key_dim, length, batch_size=1, bytes_per_number=2
):
    r"""Bytes of the cached keys and values of a decoder.

    $$2 \cdot \mathrm{layers} \cdot \mathrm{heads_{KV}} \cdot d_k \cdot n \cdot B
    \cdot \mathrm{bytes}$$

    The number of query heads and the width of the model do not enter.

    Args:
        num_layers: Layers that cache.
        num_key_value_heads: Heads of the keys and values of a layer: all heads in plain
            multi-head attention, 1 in multi-query attention.
        key_dim: Size of a head's key; its value has the same size.
        length: Tokens held: the context so far, or the window if that is smaller.
        batch_size: Sequences decoded at once.
        bytes_per_number: 2 for float16 and bfloat16, 4 for float32, 1 for int8.

    Returns:
        The bytes.

    Raises:
        ValueError: If an argument is not positive.

    Examples:
        >>> key_value_cache_bytes(32, 32, 128, length=4096) / 2**30  # Llama 2 7B, in GiB
        2.0
    """
    sizes = {
        "num_layers": num_layers,
        "num_key_value_heads": num_key_value_heads,
        "key_dim": key_dim,
        "length": length,
        "batch_size": batch_size,
        "bytes_per_number": bytes_per_number,
    }
    require_positive(**sizes)
    numbers_per_token = 2 * num_layers * num_key_value_heads * key_dim
    return numbers_per_token * length * batch_size * bytes_per_number
