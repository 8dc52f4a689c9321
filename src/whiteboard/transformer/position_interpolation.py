"""Learned positions of an image's patches, carried over to another image size."""

import math

from keras import ops

from whiteboard.fundamentals import require_positive


def interpolate_positions(table, old_grid, new_grid):
    """Resize the grid of position embeddings as if it were an image of D channels.

    Bilinear. Rows before the grid, as for a class token, stay as they are. Dosovitskiy
    et al. 2021, "An Image is Worth 16x16 Words", section 3.2.

    Args:
        table: Position embeddings `(N + rows * columns, D)`, the grid row by row after N
            others.
        old_grid: `(rows, columns)` of patches that the table was made for.
        new_grid: `(rows, columns)` of patches of the other image size.

    Returns:
        A tensor `(N + new_rows * new_columns, D)`.

    Raises:
        ValueError: If a size is not positive, or the table has fewer rows than
            `old_grid` has patches.

    Examples:
        >>> interpolate_positions(np.zeros((1 + 196, 768)), (14, 14), (24, 24)).shape
        (577, 768)
    """
    for rows, columns in (old_grid, new_grid):
        require_positive(rows=rows, columns=columns)
    others = table.shape[0] - math.prod(old_grid)
    if others < 0:
        raise ValueError(
            "table must have a row for each patch of old_grid. "
            f"Received: table.shape={tuple(table.shape)}, old_grid={old_grid}"
        )
    table = ops.convert_to_tensor(table)
    before, patches = table[:others], table[others:]  # (N, D), (rows * columns, D)
    image = ops.reshape(patches, (*old_grid, -1))  # (rows, columns, D)
    image = ops.image.resize(
        image, new_grid, interpolation="bilinear", data_format="channels_last"
    )
    return ops.concatenate([before, ops.reshape(image, (-1, table.shape[-1]))])
