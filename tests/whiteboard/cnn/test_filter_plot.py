import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import plot_feature_maps, plot_filters

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def tiles(figure):
    return [axes.images[0].get_array() for axes in figure.axes if axes.images]


def test_a_gray_filter_is_drawn_around_mid_gray():
    kernel = np.zeros((3, 3, 1, 2))
    kernel[0, 0, 0, 0], kernel[2, 2, 0, 0] = 2, -4
    first, empty = tiles(plot_filters(ops.convert_to_tensor(kernel)))
    assert first.shape == (3, 3)
    np.testing.assert_allclose(first[[0, 1, 2], [0, 1, 2]], [0.75, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(empty, 0.5)


def test_a_color_filter_is_drawn_in_color():
    kernel = np.random.default_rng(0).normal(size=(5, 4, 3, 7))
    drawn = tiles(plot_filters(kernel))
    assert len(drawn) == 7 and drawn[0].shape == (5, 4, 3)
    assert all(tile.min() >= 0 and tile.max() <= 1 for tile in drawn)


def test_feature_maps_share_one_scale():
    maps = np.stack([np.full((4, 6), value) for value in (-1.0, 0.0, 3.0)], axis=-1)
    drawn = tiles(plot_feature_maps(maps))
    assert [tile.shape for tile in drawn] == [(4, 6)] * 3
    np.testing.assert_allclose([tile.max() for tile in drawn], [0, 0.25, 1])


@pytest.mark.parametrize(
    ("count", "columns", "grid"), [(3, 8, (1, 3)), (8, 8, (1, 8)), (9, 4, (3, 4))]
)
def test_grid_and_size(count, columns, grid):
    figure = plot_filters(np.ones((3, 3, 1, count)), columns, title="Filters")
    assert figure.axes[0].get_gridspec().get_geometry() == grid
    assert len(tiles(figure)) == count
    width, height = figure.get_size_inches()
    assert width <= 7 and height <= 3.2 + 1e-6
    assert figure.get_suptitle() == "Filters"
    assert figure.number in plt.get_fignums()


@pytest.mark.parametrize("shape", [(3, 3, 1), (3, 3, 2, 4), (3, 3, 3, 0)])
def test_other_kernels_are_refused(shape):
    with pytest.raises(ValueError, match="Received"):
        plot_filters(np.ones(shape))


def test_other_maps_are_refused():
    with pytest.raises(ValueError, match="of one image"):
        plot_feature_maps(np.ones((1, 8, 8, 4)))
    with pytest.raises(ValueError, match="finite.*1 of them NaN"):
        plot_feature_maps(np.array([[[1.0, np.nan]]]))
