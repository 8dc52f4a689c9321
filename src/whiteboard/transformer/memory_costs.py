"""Where the memory of training a Transformer goes: model states and activations."""

from whiteboard.fundamentals import require_positive

# Bytes a parameter; the optimizer is Adam.
MIXED_PRECISION = {
    "weights": 2,
    "gradients": 2,
    "master weights": 4,
    "first moments": 4,
    "second moments": 4,
}
FULL_PRECISION = {
    "weights": 4,
    "gradients": 4,
    "first moments": 4,
    "second moments": 4,
}


def training_bytes(parameters, mixed_precision=True, num_devices=1, zero_stage=0):
    r"""Bytes on each device for weights, gradients and the states of Adam.

    $$(2 + 2 + 12) N = 16 N$$

    Rajbhandari et al. 2020, "ZeRO", section 3.1. Stage 1 of ZeRO splits the optimizer's
    states among the devices, stage 2 also the gradients, stage 3 also the weights.

    Args:
        parameters: N.
        mixed_precision: 16-bit weights and gradients with a float32 copy of the
            weights, or all in float32.
        num_devices: The data-parallel devices among which ZeRO splits.
        zero_stage: 0 to 3.

    Returns:
        A dict of the bytes of each kind.

    Raises:
        ValueError: If a number is not positive or the stage is unknown.

    Examples:
        >>> sum(training_bytes(7_500_000_000).values()) / 1e9
        120.0
    """
    require_positive(parameters=parameters, num_devices=num_devices)
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError(
            f"zero_stage must be 0, 1, 2 or 3. Received: zero_stage={zero_stage}"
        )
    stage_that_splits = {"weights": 3, "gradients": 2}  # the optimizer's states: 1
    sizes = MIXED_PRECISION if mixed_precision else FULL_PRECISION
    return {
        kind: size
        * parameters
        / (num_devices if zero_stage >= stage_that_splits.get(kind, 1) else 1)
        for kind, size in sizes.items()
    }


def activation_bytes(size, length, batch_size, recompute="nothing"):
    r"""Bytes of what the forward pass of all layers keeps for the backward pass.

    $$L \, n b d \left( 34 + 5 \frac{H n}{d} \right) \quad \mathrm{with} \; m = 4 d$$

    Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer
    Models", section 4.1: numbers of two bytes, dropout masks of one, scores written
    down. Embeddings and logits come on top.

    Args:
        size: A `TransformerSize`, neither gated nor with shared keys and values.
        length: n, tokens of a sequence.
        batch_size: b, sequences.
        recompute: What the backward pass computes again: `"nothing"`, `"scores"`
            (what grows with n²) or `"layers"` (all but the input of each layer).

    Returns:
        The number of bytes, an integer.

    Raises:
        ValueError: If a number is not positive, the choice is unknown, or the formula
            does not cover the model.

    Examples:
        >>> activation_bytes(TransformerSize(12288, 96, 96, 51200), 2048, 1) // 2**30
        256
    """
    require_positive(length=length, batch_size=batch_size)
    if size.gated or size.num_key_value_heads != size.num_heads:
        raise ValueError(
            "activation_bytes covers a plain MLP and plain multi-head attention. "
            f"Received: gated={size.gated}, "
            f"num_key_value_heads={size.num_key_value_heads} of {size.num_heads}"
        )
    tokens = length * batch_size
    normalizations = 2 * 2 * size.width  # the inputs of both
    attention = 11 * size.width  # its input, Q, K, V, what is projected, a dropout mask
    scores = 5 * size.num_heads * length  # softmax's output, dropped too, and the mask
    mlp = 3 * size.width + 4 * size.mlp_dim  # its input, both sides of GELU, a mask
    kept = {
        "nothing": normalizations + attention + scores + mlp,
        "scores": normalizations + attention + mlp,
        "layers": 2 * size.width,
    }
    if recompute not in kept:
        raise ValueError(
            f"recompute must be one of {', '.join(kept)}. "
            f"Received: recompute={recompute}"
        )
    return size.num_layers * tokens * kept[recompute]
