"""The pointing game: does an explanation's highest point lie on the object?"""

import numpy as np
from scipy.ndimage import maximum_filter

# Shapes: N images of H rows and W columns.


def pointing_hits(maps, masks, tolerance=0):
    """Tell for each map whether its maximum lies inside the mask.

    Zhang et al. 2016, "Top-down Neural Attention by Excitation Backprop"; they allow a
    tolerance of 15 pixels on photos. A constant map points nowhere and misses.

    Args:
        maps: Array `(N, H, W)`, for instance of `grad_cam`.
        masks: Boolean array `(N, H, W)`, each with at least one pixel.
        tolerance: Pixels by which each mask is grown first, along both axes.

    Returns:
        Boolean array `(N,)`. Its mean is the accuracy. Pointing at random reaches the mean
        of the grown masks.

    Raises:
        ValueError: If the shapes differ, a map is not finite, a mask is empty, or
            `tolerance` is negative.

    Examples:
        >>> pointing_hits(np.eye(3)[None] * [1, 2, 3], np.eye(3, dtype=bool)[None])
        array([ True])
    """
    maps, masks = np.asarray(maps), np.asarray(masks, bool)
    if maps.ndim != 3 or maps.shape != masks.shape:
        raise ValueError(
            "maps and masks must have the same shape (N, H, W). "
            f"Received: {maps.shape} and {masks.shape}"
        )
    if not np.isfinite(maps).all():
        raise ValueError("maps must be finite. Received: maps with NaN or infinity")
    if not masks.any(axis=(1, 2)).all():
        raise ValueError(
            "masks must each have a pixel: there is nothing to point at otherwise. "
            f"Received: {np.sum(~masks.any(axis=(1, 2)))} empty masks"
        )
    if tolerance < 0:
        raise ValueError(f"tolerance must not be negative. Received: {tolerance=}")
    masks = maximum_filter(masks, (1, 2 * tolerance + 1, 2 * tolerance + 1))
    flat = maps.reshape(len(maps), -1)
    hits = masks.reshape(flat.shape)[np.arange(len(flat)), flat.argmax(axis=1)]
    return hits & (flat.max(axis=1) > flat.min(axis=1))
