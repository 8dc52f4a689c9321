"""A page as a Jupyter notebook, with the outputs of its record."""

import re
import textwrap
from collections.abc import Callable

from docrun.blocks import find_blocks, find_fences
from docrun.figures import VARIABLES
from docrun.records import Output, Record, RecordStore
from docrun.settings import Settings
from docrun.source import SOURCE_DIRECTIVE, find_definition

ADMONITION = re.compile(
    r"(?P<indent>[ \t]*)(?:!!!|\?\?\?\+?|===\+?)\s+(?P<kind>[\w-]+)?\s*(?:\"(?P<title>.*)\")?\s*$"
)
HEADING_ATTRIBUTES = re.compile(r"^(#{1,6} .*?)\s*\{[^}]*\}\s*$", re.MULTILINE)
PAGE_LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<target>[^)\s]+)\)")
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def build_notebook(
    text: str,
    page: str,
    settings: Settings,
    store: RecordStore,
    link: Callable[[str], str] = lambda target: target,
    repository: str = "",
) -> dict:
    """The notebook of a page: its words, its blocks and what they printed and drew.

    Args:
        text: the page's Markdown, front matter included or not.
        page: its path, for error messages.
        link: turns a relative link target of the page into one that works anywhere.
        repository: the address from which git can clone the package.
    """
    text = FRONT_MATTER.sub("", text)
    lines = text.split("\n")
    blocks = {block.line: block for block in find_blocks(text + "\n", page)}
    cells = [setup_cell(settings, repository)]
    start = 0
    for fence in find_fences(text):
        if fence.line in blocks:
            block = blocks[fence.line]
            cells.append(words_cell(lines[start : fence.line - 1], settings, link))
            cells.append(code_cell(block.code, store.fresh(block)))
            start = fence.end
    cells.append(words_cell(lines[start:], settings, link))
    return assemble(cells)


def assemble(cells: list[dict]) -> dict:
    """A notebook of these cells, the empty ones left out."""
    cells = [cell for cell in cells if cell["source"].strip()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": [{"id": f"cell-{n}"} | cell for n, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def setup_cell(settings: Settings, repository: str) -> dict:
    """A cell that installs the package from its repository, never by its bare name:
    on a registry that name may be somebody else's."""
    package = _packages(settings)[0]
    action = f'%pip install -q "{settings.install} @ git+{repository}"'
    if not (repository and settings.install):
        action = f'raise ImportError("Install {package} from its source first")'
    source = f"""\
        # What the blocks need. Does nothing where it is installed.
        import importlib.util

        if importlib.util.find_spec("{package}") is None:
            {action}
        """
    return code_cell(textwrap.dedent(source).strip(), None)


def _packages(settings: Settings) -> list[str]:
    source = settings.root / settings.source
    found = sorted(p.parent.name for p in source.glob("*/__init__.py"))
    return [name for name in found if name != __package__] or ["keras"]


def words_cell(
    lines: list[str], settings: Settings, link: Callable[[str], str]
) -> dict:
    """Markdown that a notebook renders, from Markdown that the site renders."""
    result = []
    indents: list[int] = []
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if line.strip():
            while indents and depth <= indents[-1]:
                indents.pop()
        source = SOURCE_DIRECTIVE.match(line)
        admonition = ADMONITION.match(line)
        if source:
            found = find_definition(source["name"], settings.root / settings.source)
            result += ["```python", *found.code.split("\n"), "```"]
        elif admonition:
            indents.append(depth)
            title = admonition["title"] or (admonition["kind"] or "").capitalize()
            result += [f"**{title}**", ""]
        else:
            result.append(line[4 * len(indents) :] if line.strip() else "")
    text = HEADING_ATTRIBUTES.sub(r"\1", "\n".join(result))
    text = PAGE_LINK.sub(lambda match: f"]({link(match['target'])})", text)
    return {"cell_type": "markdown", "metadata": {}, "source": text.strip("\n")}


def code_cell(code: str, record: Record | Output | None) -> dict:
    """A cell of code with what its run printed and drew."""
    outputs = []
    for piece in record.printed if record else []:
        if "html" in piece:
            data = {"text/html": piece["html"], "text/plain": piece["text"]}
            outputs.append(_display(data))
        elif piece["text"]:
            text = {"name": "stdout", "text": piece["text"]}
            outputs.append({"output_type": "stream"} | text)
    for figure in record.figures if record else []:
        data = {"image/svg+xml": _on_white(figure["svg"]), "text/plain": figure["alt"]}
        outputs.append(_display(data))
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": outputs,
        "source": code.rstrip("\n"),
    }


def _display(data: dict[str, str]) -> dict:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _on_white(svg: str) -> str:
    for colour, variable in VARIABLES.items():
        svg = svg.replace(f"var({variable}, {colour})", colour)
    white = 'style="background: white; max-width: var(--docrun-width); '
    return svg.replace('style="', white, 1)
