"""Attention heads taken out of a trained layer, to see what they were good for."""

import contextlib

import numpy as np
from keras import ops


@contextlib.contextmanager
def without_heads(layer, heads):
    r"""Remove heads of a `MultiHeadAttention` for the length of a `with` block.

    $$\mathrm{MultiHead}(X) = \mathbf{b} + \sum_{i \notin \mathrm{heads}}
    \mathrm{head}_i W^O_i$$

    The heads' slices of the output matrix are zero inside the block, so compiled models
    see the change. Afterwards they are restored; do not train inside.

    Source: Michel et al., "Are Sixteen Heads Really Better than One?", 2019.

    Args:
        layer: A built `MultiHeadAttention`.
        heads: The numbers of the heads to remove, from 0 to H - 1; may be empty.

    Raises:
        ValueError: If the layer is not built or has no head of a number.

    Examples:
        >>> with without_heads(layer, [0, 2]):
        ...     loss = model.evaluate(x, y)
    """
    heads = sorted(heads)
    if not layer.built:
        raise ValueError(f"layer must be built. Received: layer={layer.name}")
    if not set(heads) <= set(range(layer.num_heads)):
        raise ValueError(
            f"heads must be numbers from 0 to {layer.num_heads - 1}. "
            f"Received: heads={heads}"
        )
    kernel = np.array(ops.convert_to_numpy(layer.output_kernel))  # (H, Dv, d), a copy
    ablated = kernel.copy()
    ablated[heads] = 0
    layer.output_kernel.assign(ablated)
    try:
        yield
    finally:
        layer.output_kernel.assign(kernel)
