"""Run one block in this process and write down what happened.

This is what a child does between the fork and its end. It leaves a `result.json` in the
folder it is given; a child that could not write one died, and its parent says how.
"""

import ast
import builtins
import contextlib
import ctypes
import json
import linecache
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
import types
from pathlib import Path

from docrun import figures, loads

try:
    import resource
except ImportError:  # Windows, where memory has no such limit
    resource = None

PR_SET_PDEATHSIG = 1
ENGINE_FILES = {__file__, loads.__file__}  # frames that a traceback leaves out
THREAD_GRACE = 0.5  # seconds that a thread may need to end after its block


class Tables:
    """Where in the printed text a table stands that has an HTML form of its own."""

    def __init__(self):
        self.found: list[dict] = []

    def install(self) -> None:
        original = builtins.print

        def noting_print(*values, sep=None, end=None, file=None, flush=False):
            html = _html_of(values) if file is None else None
            if html is None:
                original(*values, sep=sep, end=end, file=file, flush=flush)
                return
            sys.stdout.flush()
            start = os.fstat(1).st_size
            original(*values, flush=True)
            self.found.append(
                {"start": start, "end": os.fstat(1).st_size, "html": html}
            )

        builtins.print = noting_print


def _html_of(values: tuple) -> str | None:
    pandas = sys.modules.get("pandas")
    if pandas is None or len(values) != 1:
        return None
    if isinstance(values[0], pandas.DataFrame):
        return values[0].to_html(border=0)
    return None


def run_block(code: str, filename: str, line: int) -> dict | None:
    """Run code as `__main__` under the page's own path and lines.

    Args:
        line: the line of the fence; the code's first line is the one after it.

    Returns:
        None if it ran to its end, else `{"kind", "message", "line", "traceback"}`.
    """
    padded = "\n" * line + code
    linecache.cache[filename] = (
        len(padded),
        None,
        padded.splitlines(keepends=True),
        filename,
    )
    main = types.ModuleType("__main__")
    main.__builtins__ = builtins
    main.__file__ = filename
    sys.modules["__main__"] = main
    sys.argv = [filename]
    try:
        tree = ast.parse(padded, filename)
        explain_asserts(tree, padded)
        exec(compile(tree, filename, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        return failure(error, filename, line, f"called sys.exit({error.code!r})")
    except BaseException as error:
        return failure(error, filename, line)
    return None


def explain_asserts(tree: ast.Module, source: str) -> None:
    """Rewrite each assert so that its message tells the values it compared."""
    from _pytest.assertion.rewrite import rewrite_asserts

    rewrite_asserts(tree, source.encode())


def failure(
    error: BaseException, filename: str, line: int, message: str | None = None
) -> dict:
    """What `run_block` returns for an error; `line` where no frame is the page's."""
    summary = traceback.TracebackException.from_exception(error, capture_locals=False)
    _drop_frames_before(summary, filename)
    where = [frame.lineno for frame in summary.stack if frame.filename == filename]
    if isinstance(error, SyntaxError) and error.filename == filename:
        where.append(error.lineno)
    return {
        "kind": type(error).__name__,
        "message": message or str(error) or type(error).__name__,
        "line": where[-1] if where else line,
        "traceback": "".join(summary.format()).rstrip(),
    }


def _drop_frames_before(summary: traceback.TracebackException, filename: str) -> None:
    frames = [frame for frame in summary.stack if frame.filename not in ENGINE_FILES]
    starts = [i for i, frame in enumerate(frames) if frame.filename == filename]
    summary.stack[:] = frames[starts[0] :] if starts else []
    for cause in (summary.__cause__, summary.__context__):
        if cause is not None:
            _drop_frames_before(cause, filename)


def fault(kind: str, message: str, line: int) -> dict:
    """The same for what is no exception of the block."""
    return {"kind": kind, "message": message, "line": line, "traceback": message}


def _threads_left(before: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + THREAD_GRACE
    while True:
        left = [t for t in threading.enumerate() if t not in before and t.is_alive()]
        if not left or time.monotonic() > deadline:
            return sorted(thread.name for thread in left)
        time.sleep(0.02)


def _limit_memory(mebibytes: int) -> None:
    if resource is None:
        return
    used = 0
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmData:"):
                used = int(line.split()[1]) * 1024
    limit = used + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _redirect_output(folder: Path) -> None:
    for descriptor, name in [(1, "stdout"), (2, "stderr")]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        file = os.open(folder / name, flags, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for descriptor, name in [(0, "stdin"), (1, "stdout"), (2, "stderr")]:
        mode = "r" if descriptor == 0 else "w"
        stream = open(descriptor, mode, encoding="utf-8", closefd=False, buffering=1)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def execute(request: dict, folder: Path) -> None:
    """Run the requested block and leave `result.json`, `stdout`, `stderr` in `folder`.

    Args:
        request: `code`, `filename`, `line`, `key`, `root`, `memory_limit` (MiB).
        folder: an empty folder of this run alone. The block works in a folder below it.
    """
    _die_with_parent()
    _redirect_output(folder)
    work = folder / "work"
    work.mkdir()
    os.chdir(work)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    sources, imports = loads.Sources(Path(request["root"])), loads.Imports()
    tables = Tables()
    imports.install()
    tables.install()
    before = set(threading.enumerate())
    _limit_memory(request["memory_limit"])
    sources.install()
    started, clock = time.time(), time.monotonic()
    line = request["line"]
    error = run_block(request["code"], request["filename"], line)
    drawn: list[dict] = []
    if error is None:
        try:
            drawn = figures.open_figures(request["key"])
        except Exception as problem:
            error = fault(type(problem).__name__, str(problem), line)
    seconds = time.monotonic() - clock
    threads = _threads_left(before)
    if error is None and threads:
        names = ", ".join(threads)
        error = fault("ThreadsLeft", f"left {len(threads)} thread(s): {names}", line)
    sys.stdout.flush()
    sys.stderr.flush()
    result = {
        "error": error,
        "backend": loads.backend(),
        "seconds": round(seconds, 3),
        "tables": tables.found,
        "figures": drawn,
        "files": sources.read(started),
        "versions": {"python": sys.version.split()[0], **imports.versions()},
    }
    partial = folder / "result.partial"
    partial.write_text(json.dumps(result), encoding="utf-8")
    partial.rename(folder / "result.json")


if __name__ == "__main__":  # one block in a fresh interpreter
    figures.apply_style()
    explain_asserts(ast.parse(""), "")  # imports what it needs
    execute(json.loads(sys.stdin.read()), Path(sys.argv[1]))
    os._exit(0)  # as a fork ends: waiting for no thread that the block has left
