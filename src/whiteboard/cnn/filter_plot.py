"""Pictures of what a convolution has learned: its filters and its feature maps."""

import math

import keras
import matplotlib.pyplot as plt
import numpy as np

MAX_WIDTH, MAX_HEIGHT = 7, 3.2  # inches


def plot_filters(kernel, columns=8, title=None):
    """Draw the filters of a convolution, as gray images or in color.

    The caller says in words what is to be seen: `figure.set_label(...)`.

    Args:
        kernel: Array or tensor `(height, width, C, filters)`, C being 1 or 3. One
            channel is drawn from minus to plus its filter's largest weight, three
            channels as red, green and blue with gray for zero.
        columns: Number of filters in a row.
        title: Title of the figure.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If the kernel is not of that shape or not finite.

    Examples:
        >>> plot_filters(keras.random.normal((5, 5, 3, 16))).set_label("16 random filters.")
    """
    kernel = _to_array(kernel)
    if kernel.ndim != 4 or kernel.shape[2] not in (1, 3):
        raise ValueError(
            "kernel must have shape (height, width, 1 or 3, filters). "
            f"Received: kernel.shape={kernel.shape}"
        )
    filters = np.moveaxis(kernel, -1, 0)  # (filters, height, width, C)
    largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    return _plot_tiles(0.5 + filters / (2 * largest + 1e-12), columns, title)


def plot_feature_maps(feature_maps, columns=8, title=None):
    """Draw the feature maps of one image, one tile for each filter, on one scale.

    The caller says in words what is to be seen: `figure.set_label(...)`.

    Args:
        feature_maps: Array or tensor `(height, width, filters)`.
        columns: Number of maps in a row.
        title: Title of the figure.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If the maps are not of that shape or not finite.

    Examples:
        >>> maps = feature_maps(model, ["conv1"])(images)["conv1"]
        >>> plot_feature_maps(maps[0]).set_label("What 16 filters find in a photo.")
    """
    maps = _to_array(feature_maps)
    if maps.ndim != 3:
        raise ValueError(
            "feature_maps must have shape (height, width, filters), of one image. "
            f"Received: feature_maps.shape={maps.shape}"
        )
    maps = (maps - maps.min()) / (np.ptp(maps) + 1e-12)
    return _plot_tiles(np.moveaxis(maps, -1, 0)[..., None], columns, title)


def _to_array(tensor):
    array = np.asarray(keras.ops.convert_to_numpy(tensor), dtype="float32")
    if not array.size or not np.isfinite(array).all():
        raise ValueError(
            "What is drawn must be finite and not empty. "
            f"Received: shape={array.shape}, {np.isnan(array).sum()} of them NaN"
        )
    return array


def _plot_tiles(tiles, columns, title):
    """Images `(N, height, width, 1 or 3)` of values from 0 to 1, each in its frame."""
    columns = min(columns, len(tiles))
    rows = math.ceil(len(tiles) / columns)
    side = min(MAX_WIDTH / columns, (MAX_HEIGHT - 0.4 * bool(title)) / rows)
    figure, all_axes = plt.subplots(
        rows,
        columns,
        figsize=(side * columns, side * rows + 0.4 * bool(title)),
        squeeze=False,
        layout="constrained",
    )
    for axes in all_axes.flat:
        axes.set_axis_off()
    for axes, tile in zip(all_axes.flat, tiles, strict=False):
        axes.imshow(tile, cmap="gray", vmin=0, vmax=1)
    figure.suptitle(title)
    return figure
