import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from whiteboard.generative import plot_images

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def mosaic(figure):
    return np.asarray(figure.axes[0].images[0].get_array())


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 1)])
def test_images_stand_in_rows_with_gaps(shape):
    images = np.zeros((3, *shape))
    images[1], images[2] = 1, -1
    drawn = mosaic(plot_images(images, columns=2))
    assert drawn.shape == (2 * 6, 2 * 5)
    np.testing.assert_allclose(drawn[:5, :4], 0.5)
    np.testing.assert_allclose(drawn[:5, 5:9], 1)
    np.testing.assert_allclose(drawn[6:11, :4], 0)
    np.testing.assert_allclose(drawn[6:, 5:], 0.5)  # no fourth image


def test_order_and_orientation_are_kept():
    images = np.arange(2 * 3 * 2).reshape(2, 3, 2)
    drawn = mosaic(plot_images(images, columns=2)) * 11
    np.testing.assert_allclose(drawn[:3, :2], images[0], atol=1e-5)
    np.testing.assert_allclose(drawn[:3, 3:5], images[1], atol=1e-5)


def test_color_images_stay_in_color():
    images = np.random.default_rng(0).uniform(size=(4, 3, 3, 3))
    assert mosaic(plot_images(images, columns=4)).shape == (4, 16, 3)


@pytest.mark.parametrize(("count", "columns"), [(1, 16), (16, 16), (80, 8), (200, 40)])
def test_size_names_and_title(count, columns):
    rows = -(-count // columns)
    names = [f"epoch {row}" for row in range(rows)]
    figure = plot_images(np.eye(8)[None].repeat(count, 0), columns, names, "Digits")
    width, height = figure.get_size_inches()
    assert width <= 7 and height <= 3.2 + 1e-6
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == names
    assert axes.get_title() == "Digits"
    assert figure.number in plt.get_fignums()


def test_images_without_contrast_are_drawn():
    assert np.isfinite(mosaic(plot_images(np.ones((2, 3, 3))))).all()


@pytest.mark.parametrize("shape", [(8, 8), (2, 8, 8, 2), (0, 8, 8), (1, 2, 8, 8, 1)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="images must have shape"):
        plot_images(np.ones(shape))


def test_bad_pixels_and_names_are_refused():
    with pytest.raises(ValueError, match="images must be finite"):
        plot_images(np.full((1, 2, 2), np.nan))
    with pytest.raises(ValueError, match="must name each of 2 rows"):
        plot_images(np.ones((3, 2, 2)), columns=2, row_names=["one"])
