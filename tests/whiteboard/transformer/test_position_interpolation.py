import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import interpolate_positions


def interpolate(*arguments):
    return ops.convert_to_numpy(interpolate_positions(*arguments))


def table_of_a_plane(rows, columns):
    """Embeddings that say in two numbers where the middle of the patch lies, from 0 to 1."""
    y = (np.arange(rows) + 0.5) / rows
    x = (np.arange(columns) + 0.5) / columns
    return np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("others", [0, 1, 3])
def test_same_grid_changes_nothing(others):
    table = np.random.default_rng(0).normal(size=(others + 6, 5)).astype("float32")
    np.testing.assert_allclose(interpolate(table, (2, 3), (2, 3)), table, atol=1e-6)


@pytest.mark.parametrize("new_grid", [(8, 12), (12, 18), (6, 9)])
def test_places_between_get_what_lies_between(new_grid):
    table = table_of_a_plane(4, 6).astype("float32")
    resized = interpolate(table, (4, 6), new_grid).reshape(*new_grid, 2)
    expected = table_of_a_plane(*new_grid).reshape(*new_grid, 2)
    inside = (expected > 0.13).all(-1) & (expected < 0.87).all(-1)
    np.testing.assert_allclose(resized[inside], expected[inside], atol=1e-5)


def test_class_token_stays():
    table = np.random.default_rng(0).normal(size=(1 + 4, 3)).astype("float32")
    resized = interpolate(table, (2, 2), (5, 3))
    assert resized.shape == (1 + 15, 3)
    np.testing.assert_array_equal(resized[0], table[0])
    np.testing.assert_allclose(resized[[1, 3, 13, 15]], table[1:], atol=1e-6)


@pytest.mark.parametrize(
    ("old_grid", "new_grid", "message"),
    [
        ((3, 3), (2, 2), r"row for each patch.*Received: table.shape=\(5, 3\)"),
        ((2, 2), (0, 4), "rows must be positive. Received: rows=0"),
        ((2, -1), (2, 2), "columns must be positive. Received: columns=-1"),
    ],
)
def test_grids_that_do_not_fit_are_refused(old_grid, new_grid, message):
    with pytest.raises(ValueError, match=message):
        interpolate_positions(np.zeros((5, 3)), old_grid, new_grid)
