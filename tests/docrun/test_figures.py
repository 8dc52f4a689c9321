"""A drawing follows the colours of its page, is small, and keeps its numbers."""

import base64
import io
import re
import xml.etree.ElementTree as etree

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from docrun import figures
from docrun.figures import CYCLE, INK, FigureError, apply_style, open_figures, to_svg


@pytest.fixture(autouse=True)
def style():
    with matplotlib.rc_context():
        apply_style()
        yield
        plt.close("all")


def draw():
    figure, axes = plt.subplots()
    axes.plot([0.001, 0.002], [1.23456, 2.0], label="loss <1>")
    axes.set_title("0.12345")
    axes.imshow(np.eye(3))
    axes.legend()
    return figure


def test_colours_are_variables_with_the_colour_as_fallback():
    svg = to_svg(draw(), "a")
    assert f"var(--docrun-ink, {INK})" in svg
    assert f"var(--docrun-c0, {CYCLE[0]})" in svg
    assert not re.search(rf"(?<!, ){INK}", svg)


def test_it_is_well_formed_and_has_no_style_that_reaches_the_page():
    svg = to_svg(draw(), "a")
    etree.fromstring(svg)
    assert "<style" not in svg and "<metadata" not in svg and "<!--" not in svg
    assert ">0.12345</text>" in svg, "text is text and is not rounded"


def test_ids_differ_between_drawings_and_all_are_used():
    first, second = to_svg(draw(), "a"), to_svg(draw(), "b")
    ids = re.findall(r' id="([^"]+)"', first)
    assert ids and not set(ids) & set(re.findall(r' id="([^"]+)"', second))
    for identifier in ids:
        assert first.count(f"#{identifier}") >= 1


def test_the_same_drawing_gives_the_same_bytes():
    assert to_svg(draw(), "a") == to_svg(draw(), "a")


def test_each_open_figure_has_its_label():
    draw().set_label("first")
    draw().set_label("second")
    assert [figure["alt"] for figure in open_figures("key")] == ["first", "second"]


def test_the_figure_without_a_label_is_counted():
    draw().set_label("first")
    draw()
    with pytest.raises(FigureError, match="figure 2 has no text alternative"):
        open_figures("key")


@pytest.mark.parametrize(("channels", "smaller"), [(1, True), (3, False), (4, False)])
def test_an_image_keeps_its_pixels(channels, smaller, monkeypatch):
    """One of a colour map gets a palette; a photo, or one with holes, stays as it is."""

    def drawn():
        figure, axes = plt.subplots()
        axes.imshow(np.random.default_rng(7).random((40, 50, channels)).squeeze())
        found = re.search('base64,([^"]+)', to_svg(figure, "a").replace("\n", ""))
        image = Image.open(io.BytesIO(base64.b64decode(found[1])))
        return image.convert("RGBA").tobytes(), len(found[1])

    pixels, size = drawn()
    monkeypatch.setattr(figures, "_reduce", lambda image: image[0])
    untouched, largest = drawn()
    assert pixels == untouched
    assert size < largest / 2 if smaller else size == largest
