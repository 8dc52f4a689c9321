"""Labs: long, narrated experiments, each run from top to bottom and kept as blocks are.

A lab is a script in percent format: `# %% [markdown]` starts a cell of words, written as
comments, `# %%` a cell of code. Its record depends on the code alone, on the modules of
the project that its kernel loaded, and on versions: new words need no new run.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from docrun.blocks import Block, find_fences, is_python
from docrun.records import LabRecord, RecordStore
from docrun.settings import Settings
from docrun.verify import Report, describe_failure

MARKER = re.compile(r"# %%(?P<words> \[markdown\])?\s*$")
TITLE = re.compile(r"# \S")
ASSERT = re.compile(r"^\s*assert\b", re.MULTILINE)


class Cell(NamedTuple):
    """A cell: the line of the script on which it begins, and words or code."""

    line: int
    source: str
    words: bool


@dataclass(frozen=True)
class Lab:
    """A script of cells; `page` is its path relative to the root of the project."""

    page: str
    cells: tuple[Cell, ...]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if not cell.words]

    @property
    def block(self) -> Block:
        """All its code as one block, under which its run is kept."""
        code = "\n\n# %%\n".join(cell.source for cell in self.code)
        return Block(self.page, self.code[0].line if self.code else 1, code)


def read_lab(path: Path, root: Path) -> Lab:
    """The lab at `path`. Comments before its first cell are left out."""
    lines = path.read_text(encoding="utf-8").split("\n")
    starts = [n for n, line in enumerate(lines) if MARKER.match(line)]
    cells = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        words = bool(MARKER.match(lines[start])["words"])
        body = lines[start + 1 : end]
        first = next((n for n, line in enumerate(body) if line.strip()), 0)
        if words:
            body = [re.sub(r"^# ?", "", line) for line in body]
        source = "\n".join(body[first:]).rstrip()
        if source:
            cells.append(Cell(start + first + 2, source, words))
    page = path.resolve().relative_to(root.resolve()).as_posix()
    return Lab(page, tuple(cells))


def lab_paths(settings: Settings) -> list[Path]:
    return sorted((settings.docs_dir / settings.labs).glob("*.py"))


def lint_lab(lab: Lab) -> list[str]:
    """What is wrong with a lab before it runs: a line for each, empty if nothing is."""
    problems = []
    if not lab.cells or not (lab.cells[0].words and TITLE.match(lab.cells[0].source)):
        problems.append((1, "a lab starts with `# %% [markdown]` and `# # Its title`."))
    if not any(ASSERT.search(cell.source) for cell in lab.code):
        problems.append((1, "a lab asserts what it claims."))
    for cell in lab.cells:
        problems += _lint_words(cell) if cell.words else _lint_code(cell, lab.page)
    return [f"{lab.page}:{line}: {problem}" for line, problem in problems]


def _lint_words(cell: Cell) -> list[tuple[int, str]]:
    return [
        (cell.line + fence.line - 1, "Python in the words of a lab is not run.")
        for fence in find_fences(cell.source)
        if is_python(fence.language)
    ]


def _lint_code(cell: Cell, page: str) -> list[tuple[int, str]]:
    for number, line in enumerate(cell.source.split("\n")):
        if line.startswith("# %%"):
            expected = "A cell starts with `# %%` or `# %% [markdown]`."
            return [(cell.line + number, f"{expected} Received: `{line}`")]
    try:
        compile("\n" * (cell.line - 1) + cell.source, page, "exec")
    except SyntaxError as error:
        return [(error.lineno or cell.line, f"SyntaxError: {error.msg}")]
    return []


def verify_labs(
    settings: Settings,
    progress: Callable[[str], None] = print,
    rerun: bool = True,
    paths: Sequence[Path] = (),
) -> Report:
    """Run each lab that has no fresh record, as many at once as there are cores.

    Args:
        paths: of the labs; without them all.
        progress: receives a line as each lab starts and ends.
        rerun: whether to run a lab again that failed, though nothing has changed, or that
            held, though a module that it loaded has changed.
    """
    started = time.monotonic()
    labs = [read_lab(path, settings.root) for path in paths or lab_paths(settings)]
    report = Report(noun="labs", blocks=len(labs))
    report.problems = [problem for lab in labs for problem in lint_lab(lab)]
    if report.problems:
        return report
    store = RecordStore(settings, LabRecord)
    stale = []
    for lab in labs:
        record = store.load(lab.block)
        # Without versions the run was cut off, and nobody knows what it depends on.
        known = record is not None and record.versions
        current = known and store.is_current(record)
        failed = known and record.error
        if not known or (failed and not current) or (rerun and (failed or not current)):
            stale.append(lab)
        elif failed:
            report.failures.append((lab.block, record))
    report.pages = {lab.page for lab in stale}
    if stale:
        _run(stale, settings, store, report, progress)
    report.seconds = time.monotonic() - started
    return report


def _run(
    labs: list[Lab],
    settings: Settings,
    store: RecordStore,
    report: Report,
    progress: Callable[[str], None],
) -> None:
    from docrun.lab_runner import LabRunner  # Jupyter, which few builds need

    workers = min(len(os.sched_getaffinity(0)), len(labs))
    with LabRunner(settings, workers, progress) as runner:
        futures = {runner.submit(lab): lab for lab in labs}
        for future in as_completed(futures):
            lab = futures[future]
            record = store.save(lab.block, future.result())
            report.ran += 1
            state = "passed" if record.error is None else record.error["kind"]
            count = f"[{report.ran}/{len(labs)}]"
            progress(f"{count} {lab.page} {state} {record.seconds:.1f} s")
            if record.error:
                report.failures.append((lab.block, record))
                progress(describe_failure(lab.block, record))
