"""Find the source of a function, class or method by its dotted name, without import."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

SOURCE_DIRECTIVE = re.compile(r"(?P<indent>\s*)::source\s+(?P<name>[\w.]+)\s*$")


class SourceError(ValueError):
    """A dotted name that leads to no definition."""


@dataclass(frozen=True)
class Definition:
    """A definition: its file, its lines (from 1, both included), its code dedented.

    Attributes:
        owner: the dotted name, with its module, of what a module defines: the definition
            itself, or the class that it belongs to.
    """

    owner: str
    path: Path
    start: int
    end: int
    code: str


def find_definition(name: str, folder: Path) -> Definition:
    """The definition behind a dotted name such as `package.module.Class.method`.

    A name that a package re-exports, also by a stub (`__init__.pyi`) as lazy packages do,
    leads to where it is defined. The docstring is left out: what it says stands on the
    page.

    Raises:
        SourceError: where a part of the name does not exist.
    """
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        module = folder.joinpath(*parts[:length])
        for file in (
            module.with_suffix(".py"),
            module / "__init__.pyi",
            module / "__init__.py",
        ):
            if file.is_file():
                return _within(file, parts[length:], name, folder)
    raise SourceError(f"{name}: no module of that name below {folder.name}/")


def _within(file: Path, parts: list[str], name: str, folder: Path) -> Definition:
    text = file.read_text(encoding="utf-8")
    body = ast.parse(text).body
    node = None
    for part in parts:
        node = next((n for n in body if getattr(n, "name", None) == part), None)
        if node is None:
            package = ".".join(file.parent.relative_to(folder).parts)
            origin = _imported_from(body, part, package) if part == parts[0] else None
            if origin:
                return find_definition(".".join([origin, *parts]), folder)
            raise SourceError(f"{name}: {file.name} defines no {part}")
        body = getattr(node, "body", [])
    module = file.relative_to(folder).with_suffix("").parts
    return _cut(".".join([*module, parts[0]]), file, text, node)


def _imported_from(body: list[ast.stmt], name: str, package: str) -> str | None:
    for node in body:
        if isinstance(node, ast.ImportFrom) and any(a.name == name for a in node.names):
            return f"{package}.{node.module}" if node.level == 1 else node.module
    return None


def _cut(owner: str, file: Path, text: str, node: ast.stmt) -> Definition:
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    lines = text.split("\n")
    kept = lines[start - 1 : node.end_lineno]
    if ast.get_docstring(node) is not None:
        doc = node.body[0]
        kept[doc.lineno - start : doc.end_lineno - start + 1] = []
        while kept[doc.lineno - start :] and not kept[doc.lineno - start].strip():
            del kept[doc.lineno - start]
    indent = node.col_offset
    code = "\n".join(line[indent:] for line in kept)
    return Definition(owner, file, start, node.end_lineno, code)
