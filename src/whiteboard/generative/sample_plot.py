"""A picture of generated images in rows, as one mosaic."""

import math

import matplotlib.pyplot as plt
import numpy as np

WIDTH, MAX_HEIGHT = 7, 3.2  # inches


def plot_images(images, columns=16, row_names=None, title=None):
    """Draw images side by side, all on one scale.

    The smallest value of all is black and the largest white, so that images from 0 to 1
    and from -1 to 1 need no rescaling. The caller says in words what is to be seen:
    `figure.set_label(...)`.

    Args:
        images: Array `(N, height, width)`, `(N, height, width, 1)` or `(N, height,
            width, 3)`.
        columns: Number of images in a row.
        row_names: What each row shows, as an epoch or a class.
        title: Title of the figure.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If the images are of another shape, none, or not finite, or there is
            not one name for each row.

    Examples:
        >>> plot_images(gan.sample(32)).set_label("32 generated digits, most legible.")
    """
    images = np.asarray(images, "float32")
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise ValueError(
            "images must have shape (N, height, width) or (N, height, width, 1 or 3). "
            f"Received: images.shape={images.shape}"
        )
    if not np.isfinite(images).all():
        raise ValueError("images must be finite. Received: NaN or infinite pixels")
    rows = math.ceil(len(images) / columns)
    if row_names is not None and len(row_names) != rows:
        raise ValueError(
            f"row_names must name each of {rows} rows. Received: {row_names=}"
        )

    mosaic = _mosaic((images - images.min()) / (np.ptp(images) + 1e-12), rows, columns)
    height, width = mosaic.shape[:2]
    inches = min(WIDTH, MAX_HEIGHT * width / height)
    figure, axes = plt.subplots(
        figsize=(inches, min(MAX_HEIGHT, inches * height / width + 0.3 * bool(title))),
        layout="constrained",
    )
    axes.imshow(mosaic, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)
    if row_names is not None:
        axes.set_yticks((np.arange(rows) + 0.5) * height / rows, row_names)
    return figure


def _mosaic(images, rows, columns):
    """`(N, H, W, C)` to `(rows * (H + 1), columns * (W + 1), C)`, a gap after each."""
    _, height, width, channels = images.shape
    tiles = np.full((rows * columns, height + 1, width + 1, channels), 0.5)
    tiles[: len(images), :height, :width] = images
    grid = tiles.reshape(rows, columns, height + 1, width + 1, channels)
    return grid.swapaxes(1, 2).reshape(
        rows * (height + 1), columns * (width + 1), channels
    )
