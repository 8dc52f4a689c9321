"""What docrun does inside the kernel of a lab, called by `lab_runner` between its cells.

The code of a cell stands under the script's own path and lines, so a traceback reads as
one of a block. What the cell drew and what the kernel loaded is written down at the end.
"""

import ast
import json
import linecache
import sys
import time
from pathlib import Path

from docrun import execution, figures, loads

watch: "Watch"  # of this kernel, made by `start`


class Watch:
    """Follows the cells of one lab through one kernel."""

    def __init__(self, request: dict):
        self.page, self.key = request["page"], request["key"]
        self.text = request["text"]
        self.sources = loads.Sources(Path(request["root"]))
        self.imports = loads.Imports()
        self.line = 1
        self.drawn: list[list[dict]] = []
        self.error: dict | None = None
        self.started = time.time()

    def install(self, shell) -> None:
        vars(sys).pop("ps1", None)  # to a shell TensorFlow writes its log on stdout
        figures.apply_style()
        execution.explain_asserts(ast.parse(""), "")  # imports what it needs
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.page] = (len(self.text), None, lines, self.page)
        shell.compile.cache = lambda *_, **__: self.page
        shell.ast_transformers.append(self)
        shell.set_custom_exc((Exception,), self._note_error)
        self.imports.install()
        self.sources.install()

    def visit(self, tree: ast.Module) -> ast.Module:
        """Move the code of a cell to its lines of the script; explain its asserts."""
        ast.increment_lineno(tree, self.line - 1)
        execution.explain_asserts(tree, self.text)
        for node in ast.walk(tree):  # IPython would end on line 1 what ends nowhere
            if hasattr(node, "lineno") and getattr(node, "end_lineno", None) is None:
                node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
        return tree

    def _note_error(self, shell, kind, error, traceback, tb_offset=None) -> None:
        self.error = self.error or execution.failure(error, self.page, self.line)
        shell._showtraceback(kind, error, [str(error)])

    def begin(self, line: int) -> None:
        """The next cell stands at this line."""
        self.line = line

    def end(self) -> None:
        """Take the figures that the cell left open.

        Raises:
            FigureError: for one without a text alternative.
        """
        try:
            self.drawn.append(figures.open_figures(f"{len(self.drawn):02}-{self.key}"))
        except figures.FigureError as error:
            self.error = execution.fault("FigureError", str(error), self.line)
            raise
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")

    def finish(self, path: str) -> None:
        """Write down how it went: `error`, `figures`, `files` and `versions`."""
        versions = {"python": sys.version.split()[0], **self.imports.versions()}
        result = {
            "error": self.error,
            "figures": self.drawn,
            "files": self.sources.read(self.started),
            "versions": versions,
        }
        Path(path).write_text(json.dumps(result), encoding="utf-8")


def start(path: str) -> None:
    """Watch this kernel run the lab that the file at `path` describes."""
    global watch
    from IPython import get_ipython

    watch = Watch(json.loads(Path(path).read_text(encoding="utf-8")))
    watch.install(get_ipython())
