import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from whiteboard.generative import plot_game

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def saddle(discriminator, generator):
    return -discriminator * generator


def test_the_color_is_the_loss_of_the_discriminator():
    figure = plot_game(lambda d, g: d + 10 * g, saddle, limit=3)
    (image,) = figure.axes[0].images
    drawn = np.asarray(image.get_array())
    assert image.get_extent() == [-3, 3, -3, 3]
    np.testing.assert_allclose(drawn[0, [0, -1]], [-33, -27])  # origin is lower left
    np.testing.assert_allclose(drawn[-1, [0, -1]], [27, 33])
    assert figure.axes[0].get_xlabel() == "discriminator's parameter"


def streamlines(figure):
    collections = figure.axes[0].collections
    (lines,) = (each for each in collections if isinstance(each, LineCollection))
    return lines.get_segments()


def test_each_player_goes_down_its_own_loss():
    lines = streamlines(plot_game(lambda d, g: d**2 + 100 * g, lambda d, g: -(g**2)))
    assert len(lines) > 5
    for line in lines:  # the discriminator to its middle, the generator to the edges
        assert (np.diff(np.abs(line[:, 0])) <= 1e-3).all()
        assert (np.diff(np.abs(line[:, 1])) >= -1e-3).all()


def test_paths_are_drawn_with_their_names():
    path = np.array([[1.0, 0.0], [0.5, 0.5]])
    figure = plot_game(saddle, saddle, paths={"one": path}, title="A game")
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xydata(), path)
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["one"]
    assert figure.axes[0].get_title() == "A game"
    width, height = figure.get_size_inches()
    assert width <= 7 and height <= 3.2 and figure.number in plt.get_fignums()


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_bad_limits_are_refused(limit):
    with pytest.raises(ValueError, match="limit must be positive. Received: limit="):
        plot_game(saddle, saddle, limit)


@pytest.mark.parametrize("bad", [lambda d, g: d * np.nan, lambda d, g: 1.0])
def test_bad_losses_are_refused(bad):
    with pytest.raises(ValueError, match="discriminator_loss must return a finite"):
        plot_game(bad, saddle)
    with pytest.raises(ValueError, match="generator_loss must return a finite"):
        plot_game(saddle, bad)


def test_bad_paths_are_refused():
    with pytest.raises(
        ValueError, match=r"shape \(T, 2\). Received: one: shape=\(3,\)"
    ):
        plot_game(saddle, saddle, paths={"one": [1, 2, 3]})
