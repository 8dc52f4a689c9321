"""A lab as the site shows it and as a reader takes it away.

The site's own Markdown renders a lab: its words are a page's words, with math, links that
are checked, admonitions and anchors, and its code and outputs look like a page's blocks.
"""

import re
from collections.abc import Callable

from docrun import notebooks
from docrun.labs import TITLE, Lab
from docrun.records import LabRecord
from docrun.settings import Settings


def lab_markdown(lab: Lab) -> str:
    """The page of a lab. `::lab` stands for what the Markdown extension puts there: the
    line of its run under the title, and under each cell what that left."""
    parts = []
    number = 0
    for cell in lab.cells:
        if cell.words:
            parts.append(cell.source)
            continue
        longest = max(map(len, re.findall("`+", cell.source)), default=0)
        fence = "`" * max(3, longest + 1)
        parts.append(f"{fence} {{ .python .docrun-lab }}\n{cell.source}\n{fence}")
        parts.append(f"::lab {lab.block.key} {number}")
        number += 1
    lines = "\n\n".join(parts).split("\n")
    title = next((n for n, line in enumerate(lines) if TITLE.match(line)), 0)
    lines[title + 1 : title + 1] = ["", f"::lab {lab.block.key}", ""]
    return "\n".join(lines) + "\n"


def lab_notebook(
    lab: Lab,
    record: LabRecord | None,
    settings: Settings,
    link: Callable[[str], str] = lambda target: target,
    repository: str = "",
) -> dict:
    """The notebook of a lab, with the outputs of its run and a cell that installs."""
    cells = [notebooks.setup_cell(settings, repository)]
    number = 0
    for cell in lab.cells:
        if cell.words:
            words = cell.source.split("\n")
            cells.append(notebooks.words_cell(words, settings, link))
        else:
            output = record.output(number) if record else None
            cells.append(notebooks.code_cell(cell.source, output))
            number += 1
    return notebooks.assemble(cells)
