"""Shapes in textures: a task with labels in plenty, to pre-train on."""

import numpy as np

from whiteboard.datasets.scans import smooth_fields, vessels

SHAPES = ("nothing", "ring", "square", "frame", "cross", "dark disc", "bar", "corner")


def make_textured_shapes(count, image_size=24, seed=0):
    """Generate pictures of one of eight shapes in a random texture.

    The textures and lines are those of `make_scans`; its lesion, a bright disc, is not
    among the shapes. No two pictures share a patient.

    Args:
        count: N, the number of pictures.
        image_size: S, at least 12.
        seed: An integer or a `numpy.random.Generator`.

    Returns:
        `images, labels`: float32 `(N, S, S, 1)` and int32 `(N,)`, places in `SHAPES`.

    Raises:
        ValueError: If `count` is not positive or `image_size` too small.

    Examples:
        >>> images, labels = make_textured_shapes(100, seed=7)
        >>> images.shape
        (100, 24, 24, 1)
    """
    if count < 1:
        raise ValueError(f"count must be positive. Received: count={count}")
    if image_size < 12:
        raise ValueError(
            f"image_size must be at least 12. Received: image_size={image_size}"
        )
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(SHAPES), size=count).astype("int32")
    pictures = smooth_fields(rng, rng.uniform(2.5, 5, count), image_size)
    pictures += 0.4 * smooth_fields(rng, np.full(count, 0.7), image_size)
    pictures += vessels(rng, count, image_size)
    places = rng.uniform(4, image_size - 5, (count, 2))
    radii, heights = rng.uniform([[1.8], [1.8]], [[3.2], [3.4]], (2, count))
    for picture, *drawn, height in zip(
        pictures, places, radii, labels, heights, strict=True
    ):
        picture += height * draw_shape(*drawn, image_size)
    pictures += rng.normal(0, 0.2, pictures.shape)
    return pictures.astype("float32")[..., None], labels


def draw_shape(place, radius, label, size):
    """One of `SHAPES`, of height 1, `(S, S)`."""
    rows, columns = np.mgrid[:size, :size]
    down, right = rows - place[0], columns - place[1]
    far, near = np.maximum(abs(down), abs(right)), np.minimum(abs(down), abs(right))
    distance = np.hypot(down, right)
    return (
        np.zeros((size, size)),
        1.0 * (abs(distance - radius) < 0.8),
        1.0 * (far < radius),
        1.0 * (abs(far - radius) < 0.8),
        1.0 * ((near < 0.8) & (far < radius + 1)),
        -1.0 * (distance < radius),
        1.0 * ((abs(down) < 1) & (abs(right) < radius + 1)),
        1.0 * ((near < 0.8) & (far < radius + 1) & (down < 0.8) & (right < 0.8)),
    )[label]
