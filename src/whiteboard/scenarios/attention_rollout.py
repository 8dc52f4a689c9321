"""Attention maps of a Vision Transformer, from the class token to the patches."""

import math

import numpy as np

from whiteboard.scenarios.class_activation import enlarge
from whiteboard.transformer import attention_maps

# Shapes: N images, H heads, T tokens (the class token first), T - 1 = h * w patches.


def class_token_attention(model, images, rollout=False):
    r"""What the class token attends to: in the last block, or through all of them.

    Rollout (Abnar & Zuidema 2020) averages the heads, counts the residual connection as
    half of each block and multiplies:

    $$R = \prod_l \tfrac{1}{2} (A_l + I)$$

    Args:
        model: A `VisionTransformer` with a class token and a square grid of patches.
        images: Array `(N, S, S, C)`.
        rollout: Whether to go through all blocks.

    Returns:
        NumPy array `(N, S, S)`: the weights of the patches, resized bilinearly.

    Raises:
        ValueError: If the patches are not a square grid.

    Examples:
        >>> class_token_attention(load_scan_model("lesions_transformer"), images).shape
        (2000, 24, 24)
    """
    maps = [m.mean(axis=1) for m in attention_maps(model, images).values()]  # (N, T, T)
    joint = maps[-1]
    if rollout:
        joint = np.eye(joint.shape[-1])
        for one in maps:
            joint = (one + np.eye(joint.shape[-1])) / 2 @ joint
    patches = joint[:, 0, 1:]  # (N, T - 1)
    grid, size = math.isqrt(patches.shape[1]), images.shape[1]
    if grid**2 != patches.shape[1]:
        raise ValueError(
            "model must have a class token and a square grid of patches. "
            f"Received: {patches.shape[1]} patches for images of {size} pixels"
        )
    return enlarge(patches.reshape(-1, grid, grid), (size, size))
