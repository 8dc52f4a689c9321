"""The HTML of a record: what a block printed and drew, or how it failed."""

import re
from collections.abc import Sequence
from html import escape

from docrun.records import LabRecord, Output, Record

SUMMARY_END = "<!-- docrun --></p>"  # where the page's downloads are put
FOLD = 24  # lines of output that stand open; more are folded
# Pygments marks every name, operator, bracket and space of a piece of code.
CODE = re.compile(r'(<div class="(?:docrun-(?:lab|source) )?highlight")(?=>)')
UNCOLOURED = re.compile(r'<span class="[nopw]">([^<]*)</span>')


def output(record: Record | Output) -> str:
    """What stands under a block: its text, tables and figures in their order."""
    parts = [_printed(piece) for piece in record.printed if piece["text"].strip()]
    parts += [_figure(figure) for figure in record.figures]
    if record.error:
        parts.append(_failure(record.error))
    if not parts:
        return ""
    return '<div class="docrun-output" data-search-exclude>' + "".join(parts) + "</div>"


def lean(page: str) -> str:
    """The page without marks that give no colour, and with its code kept out of the
    search: a tenth of what a reader fetches, and a third of the index."""
    return CODE.sub(r"\1 data-search-exclude", UNCOLOURED.sub(r"\1", page))


def not_run(what: str = "block") -> str:
    return (
        '<div class="docrun-output"><div class="docrun-failure" role="alert">'
        f"<p>This {what} has not been run.</p></div></div>"
    )


def _printed(piece: dict) -> str:
    if "html" in piece:
        return f'<div class="docrun-table">{piece["html"]}</div>'
    text = piece["text"].strip("\n")
    lines = text.split("\n")
    # `tabindex` lets a keyboard scroll what is wider than the screen.
    block = (
        '<div class="docrun-text highlight"><pre tabindex="0" aria-label="Output">'
        f"<code>{escape(text)}\n</code></pre></div>"
    )
    if len(lines) <= FOLD:
        return block
    return (
        f'<details class="docrun-fold"><summary>Output, {len(lines)} lines</summary>'
        f"{block}</details>"
    )


def _figure(figure: dict) -> str:
    label = escape(figure["alt"], quote=True)
    svg = figure["svg"].replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return f'<figure class="docrun-figure">{svg}</figure>'


def _failure(error: dict) -> str:
    return (
        '<div class="docrun-failure" role="alert">'
        f"<p>{escape(error['kind'])} at line {error['line']}</p>"
        f'<pre tabindex="0"><code>{escape(error["traceback"])}</code></pre></div>'
    )


def summary(records: list[Record], total: int) -> str:
    """The line at the top of a page: how many blocks ran, on what, in how long."""
    passed = [record for record in records if not record.error]
    if not records:
        return (
            f'<p class="docrun-summary">{total} blocks, none of them run.{SUMMARY_END}'
        )
    seconds = sum(record.seconds for record in records)
    state = f"{len(passed)} of {total} blocks ran and hold"
    if len(passed) == total:
        state = (
            f"{total} blocks ran, each alone, and hold" if total > 1 else "1 block ran"
        )
    return _summary(state, records, seconds)


def lab_summary(record: LabRecord) -> str:
    """The line at the top of a lab."""
    state = "Ran from top to bottom, and every assert holds"
    if record.error:
        state = f"Failed at line {record.error['line']}"
    return _summary(state, [record], record.seconds)


def _summary(state: str, records: Sequence[Record], seconds: float) -> str:
    names = {"python": "Python", "keras": "Keras"}
    versions: dict[str, str] = {}
    for record in records:
        versions |= record.versions
        if record.backend in record.versions:  # it was loaded, and not only chosen
            names[record.backend] = BACKENDS.get(record.backend, record.backend)
    shown = [
        f"{label} {versions[name]}" for name, label in names.items() if name in versions
    ]
    return (
        f'<p class="docrun-summary"><span class="docrun-check" aria-hidden="true"></span>'
        f"{state}. {', '.join(shown)}. {seconds:.1f} s.{SUMMARY_END}"
    )


BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
