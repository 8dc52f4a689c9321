"""Figures as SVG whose colours the page decides, each with a text alternative.

The style draws with a few colours of its own; `to_svg` replaces each by a CSS variable
with that colour as the fallback, so one drawing follows the light and the dark scheme
of a page and still stands alone as a file.
"""

import base64
import io
import re
import sys

INK = "#24292f"
GRID = "#d0d5db"
CYCLE = ["#2f6fdb", "#d9622b", "#2e8b57", "#9457c9", "#b8860b", "#c2417a", "#5f6b7a"]
VARIABLES = {
    INK: "--docrun-ink",
    GRID: "--docrun-grid",
    **{colour: f"--docrun-c{i}" for i, colour in enumerate(CYCLE)},
}


class FigureError(ValueError):
    """A figure that a page may not show."""


def apply_style() -> None:
    """Set matplotlib's defaults to the house style. Nothing where it is not installed."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("agg")
    matplotlib.rcParams.update(
        {
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 10,
            "figure.figsize": (6.4, 3.0),
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "figure.max_open_warning": 0,
            "savefig.facecolor": "none",
            "axes.facecolor": "none",
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlesize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": False,
            "axes.prop_cycle": matplotlib.cycler(color=CYCLE),
            "grid.color": GRID,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.frameon": False,
            "image.interpolation": "none",
        }
    )


def open_figures(key: str) -> list[dict[str, str]]:
    """Each figure that the block left open, as `{"svg": ..., "alt": ...}`.

    Raises:
        FigureError: for a figure that has no label, since that is its text alternative.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    figures = []
    for order, number in enumerate(pyplot.get_fignums(), start=1):
        figure = pyplot.figure(number)
        label = figure.get_label().strip()
        if not label:
            raise FigureError(
                f"figure {order} has no text alternative. Say what it shows with "
                'figure.set_label("...").'
            )
        figures.append({"svg": to_svg(figure, f"{key[:12]}-{order}"), "alt": label})
    return figures


def to_svg(figure, salt: str) -> str:
    """The figure as an `<svg>` element without a fixed size, fit to stand in a page.

    Args:
        salt: what keeps the ids of this drawing apart from those of others on the page.
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        empty = dict.fromkeys(["Creator", "Date", "Format", "Type"])
        figure.savefig(buffer, format="svg", metadata=empty)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    referenced = set(re.findall(r"(?:#|url\(#)([\w-]+)", svg))
    svg = re.sub(
        r' id="([^"]+)"',
        lambda match: match[0] if match[1] in referenced else "",
        svg,
    )
    svg = re.sub(r"(font(?:-family)?: [^;\"]*?)'DejaVu Sans'[^;\"]*", r"\1inherit", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable}, {colour})")
    width = float(re.search(r'width="([\d.]+)pt"', svg)[1]) * 4 / 3
    style = f"--docrun-width: {width:.0f}px; stroke-linejoin: round"
    svg = re.sub(r' (?:height|width)="[\d.]+pt"', "", svg, count=2)
    svg = svg.replace("<svg ", f'<svg style="{style}" ', 1)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(?:d|x|y|points)="[^"]*"', _shorten, svg)
    svg = re.sub(r"(data:image/png;base64,)([^\"]+)", _reduce, svg)
    return re.sub(r"\s*\n\s*", "\n", svg.replace("xlink:href", "href"))


def _reduce(image: re.Match) -> str:
    """The same pixels with a palette: a colour map has at most 256 colours."""
    from PIL import Image  # there where matplotlib is

    pixels = Image.open(io.BytesIO(base64.b64decode(image[2])))
    plain = pixels.convert("RGB")
    if pixels.convert("RGBA").getextrema()[3] != (255, 255) or not plain.getcolors(256):
        return image[0]
    reduced = plain.quantize(256)
    if reduced.convert("RGB").tobytes() != plain.tobytes():
        return image[0]
    buffer = io.BytesIO()
    reduced.save(buffer, "png", optimize=True)
    return image[1] + base64.b64encode(buffer.getvalue()).decode()


def _shorten(attribute: re.Match) -> str:
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute[0])
