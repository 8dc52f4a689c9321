"""The least time a generated token can take: read the weights, or do the arithmetic."""

from whiteboard.fundamentals import require_not_negative, require_positive


def decoding_step_seconds(
    parameters,
    memory_bandwidth,
    peak_flops,
    batch_size=1,
    cache_bytes=0,
    bytes_per_weight=2,
):
    r"""Lower bound of one step, which makes one token for each sequence of the batch.

    $$\max \left( \frac{\mathrm{weights} + b \cdot \mathrm{cache}}{\mathrm{bandwidth}},
    \; \frac{2 N b}{\mathrm{peak}} \right)$$

    The roofline of Williams et al. 2009: a step reads every weight once, whatever the
    batch, and every sequence's cache; and it does two FLOPs a weight and a token.

    Args:
        parameters: N.
        memory_bandwidth: Bytes a second.
        peak_flops: FLOPs a second in the type of the products.
        batch_size: b, the sequences that grow together.
        cache_bytes: Keys and values of one sequence, in bytes.
        bytes_per_weight: 2 for 16-bit weights, 0.5 for 4-bit ones.

    Returns:
        `(memory_seconds, compute_seconds)`; the step takes at least the larger.

    Raises:
        ValueError: If a number is not positive, or `cache_bytes` is negative.

    Examples:
        >>> decoding_step_seconds(7e9, memory_bandwidth=3.35e12, peak_flops=989e12)
        (0.0041..., 1.4155...e-05)
    """
    require_positive(
        parameters=parameters,
        memory_bandwidth=memory_bandwidth,
        peak_flops=peak_flops,
        batch_size=batch_size,
        bytes_per_weight=bytes_per_weight,
    )
    require_not_negative(cache_bytes=cache_bytes)
    bytes_read = bytes_per_weight * parameters + batch_size * cache_bytes
    return bytes_read / memory_bandwidth, 2 * parameters * batch_size / peak_flops
