"""Find the blocks of a page, and the fences that a reader sees and no test runs."""

import ast
import functools
import hashlib
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from markdown import Markdown
from pygments.lexers import get_all_lexers
from pymdownx.superfences import (
    SuperFencesCodeExtension,
    SuperFencesRawBlockPreprocessor,
)
from pytest_codeblocks.main import CodeBlock, extract_from_buffer

# How a statement that changes the environment begins, as `ast.unparse` writes it.
ENVIRONMENT = tuple(
    f"os.environ{change}" for change in ("[", " |= ", ".update(", ".setdefault(")
)
DIRECTIVE = re.compile(r"<!--[-\s]*(pytest-codeblocks:|pytest\.mark\.)")


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands (the line of its fence, from 1) and its code."""

    page: str
    line: int
    code: str

    @property
    def location(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def key(self) -> str:
        """The name under which a run of exactly this code is kept."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Fence:
    """A fence as the site renders it: lines `line` to `end` (from 1, both included)."""

    line: int
    end: int
    opening: str
    language: str
    code: str


class _FenceScanner(SuperFencesRawBlockPreprocessor):
    """The renderer's own scan for fences, which notes them instead of replacing them."""

    def scan(self, lines: list[str]) -> list[Fence]:
        self.fences = []
        self.run(lines)
        return self.fences

    def _store(self, source, code, start, end):
        opening = self.first.strip("> \t")
        code = self.rebuild_block(self.code) + "\n"
        self.fences.append(Fence(start + 1, end, opening, self.lang or "", code))


@functools.cache
def _scanner() -> _FenceScanner:
    markdown = Markdown(extensions=["pymdownx.highlight", "attr_list"])
    extension = SuperFencesCodeExtension()
    extension.extendMarkdown(markdown)
    scanner = _FenceScanner(markdown)
    scanner.config = extension.getConfigs()
    scanner.extension = extension
    return scanner


@functools.lru_cache(maxsize=256)  # a page is asked for its fences again and again
def find_fences(text: str) -> tuple[Fence, ...]:
    """Every fence that `pymdownx.superfences` renders, at any depth of nesting."""
    return tuple(_scanner().scan(text.split("\n")))


def find_blocks(text: str, page: str) -> list[Block]:
    """The blocks that stock pytest-codeblocks collects, with the code as it is shown.

    The two differ in an indented fence, where pytest-codeblocks loses blank lines.
    """
    shown = {fence.line: fence.code for fence in find_fences(text)}
    return [
        Block(page, found.lineno, shown.get(found.lineno, found.code))
        for found in _collect(text)
    ]


def _collect(text: str) -> list[CodeBlock]:
    found = extract_from_buffer(io.StringIO(text))
    return [block for block in found if block.syntax == "python"]


def read_blocks(path: Path, root: Path) -> list[Block]:
    """The blocks of the page at `path`, named relative to `root`."""
    page = path.resolve().relative_to(root.resolve()).as_posix()
    return find_blocks(path.read_text(encoding="utf-8"), page)


def sets_environment(code: str) -> bool:
    """Whether the code changes `os.environ` before it imports what could read it.

    A library reads its variables when it is imported: such code needs an interpreter in
    which nothing has been. Only statements at the top level count.
    """
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return False
    for statement in statements:
        if ast.unparse(statement).startswith(ENVIRONMENT):
            return True
        if not _imported(statement) <= sys.stdlib_module_names:
            return False
    return False


def _imported(statement: ast.stmt) -> set[str]:
    """The modules that a statement imports, each by the first part of its name."""
    names = []
    if isinstance(statement, ast.Import):
        names = [alias.name for alias in statement.names]
    elif isinstance(statement, ast.ImportFrom):
        names = [statement.module or ""]
    return {name.partition(".")[0] for name in names}


def is_python(language: str) -> bool:
    """Whether the site colours this language as Python (`py`, `python3`, `pycon`, ...)."""
    return language.lower() in _python_names()


@functools.cache
def _python_names() -> set[str]:
    lexers = get_all_lexers(plugins=False)
    python = [aliases for name, aliases, *_ in lexers if name.startswith("Python")]
    return {alias for aliases in python for alias in aliases}


def lint(text: str, page: str) -> list[str]:
    """What is shown and not run, or run and not shown: a line for each, empty if none.

    Args:
        text: the page's Markdown, front matter included.
        page: its path, as it is to be named in the messages.
    """
    try:
        collected = {found.lineno: found.code for found in _collect(text)}
    except RuntimeError as error:
        return [f"{page}: pytest-codeblocks cannot read this page: {error}"]
    problems = {}
    fences = find_fences(text)
    shown = {fence.line: fence for fence in fences if is_python(fence.language)}
    for line, fence in shown.items():
        if line not in collected:
            problems[line] = (
                f"`{fence.opening}` is shown as Python and is not run. "
                "Expected exactly ```python."
            )
        elif fence.code.split() != collected[line].split():
            problems[line] = "the code that is shown differs from the code that is run."
    for line in collected.keys() - shown.keys():
        problems[line] = "this ```python block is run and is not shown as Python."
    fenced = {n for fence in fences for n in range(fence.line, fence.end + 1)}
    for number, line in enumerate(text.split("\n"), start=1):
        if number in fenced:
            continue
        if DIRECTIVE.search(line):
            problems[number] = (
                f"`{line.strip()}`: a block may not be skipped or joined."
            )
    return [f"{page}:{line}: {problems[line]}" for line in sorted(problems)]
