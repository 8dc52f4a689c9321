"""Run one block in this process and write down what happened.

This is what a child does between the fork and its end. It leaves a `result.json` in the
folder it is given; a child that could not write one died, and its parent says how.
"""

import ast
import builtins
import contextlib
import ctypes
import hashlib
import importlib.abc
import importlib.machinery
import importlib.metadata
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

from packaging.requirements import Requirement

from docrun import figures

try:
    import resource
except ImportError:  # Windows, where memory has no such limit
    resource = None

PR_SET_PDEATHSIG = 1
ASSERT_REWRITER = "_pytest.assertion.rewrite"  # imported by each rewritten assert
THREAD_GRACE = 0.5  # seconds that a thread may need to end after its block


class Sources:
    """The files under `root` that a block loads or reads, with the hash it saw.

    Modules of the project are compiled from their source each time: Python's cached
    bytecode takes an edit within the same second and of the same size for no edit.
    """

    def __init__(self, root: Path):
        self.root = root
        self.installed = [Path(p).resolve() for p in {sys.prefix, sys.base_prefix}]
        self.hashes: dict[str, str] = {}
        self.opened: set[str] = set()

    def owns(self, path: str) -> bool:
        resolved = Path(path).resolve()
        return resolved.is_relative_to(self.root) and not any(
            resolved.is_relative_to(prefix) for prefix in self.installed
        )

    def note(self, path: str, data: bytes) -> None:
        name = Path(path).resolve().relative_to(self.root).as_posix()
        self.hashes[name] = hashlib.sha256(data).hexdigest()

    def install(self) -> None:
        sources = self

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname):
                data = self.get_data(self.path)
                sources.note(self.path, data)
                return self.source_to_code(data, self.path)

        def hook(folder):
            if not sources.owns(folder or "."):
                raise ImportError
            return importlib.machinery.FileFinder(folder, (Loader, [".py"]))

        sys.path_hooks.insert(0, hook)
        sys.path_importer_cache.clear()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple) -> None:
        if event != "open":
            return
        path, mode, flags = arguments
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        writes = isinstance(flags, int) and flags & os.O_ACCMODE != os.O_RDONLY
        if isinstance(path, str) and not writes:
            self.opened.add(os.path.abspath(path))

    def read(self, since: float) -> dict[str, str]:
        """Name to hash of each file. One that changed during the run has no hash."""
        for path in sorted(self.opened.copy()):
            file = Path(path)
            if not file.is_file() or not self.owns(path):
                continue
            name = file.resolve().relative_to(self.root).as_posix()
            if name not in self.hashes:
                self.note(path, file.read_bytes())
                if file.stat().st_mtime >= since:
                    self.hashes[name] = ""
        return self.hashes


class Imports:
    """The installed distributions that the block and the project's modules import."""

    def __init__(self):
        self.names: set[str] = set()

    def install(self) -> None:
        original = builtins.__import__
        import_module = importlib.import_module

        def noting_import(name, globals=None, locals=None, fromlist=(), level=0):
            importer = (globals or {}).get("__name__", "")
            if level == 0 and importer != __name__ and name != ASSERT_REWRITER:
                self.names.add(name.partition(".")[0])
            return original(name, globals, locals, fromlist, level)

        def noting_import_module(name, package=None):
            if not name.startswith("."):
                self.names.add(name.partition(".")[0])
            return import_module(name, package)

        builtins.__import__ = noting_import
        importlib.import_module = noting_import_module

    def versions(self) -> dict[str, str]:
        """Distribution to version: what was imported, and what that has loaded in turn."""
        modules_of: dict[str, set[str]] = {}
        provided = importlib.metadata.packages_distributions()
        for module, names in provided.items():
            for name in names:
                modules_of.setdefault(_canonical(name), set()).add(module)
        backend = {"keras": os.environ.get("KERAS_BACKEND", "tensorflow")}
        pending = [_canonical(n) for m in self.names for n in provided.get(m, [])]
        versions = {}
        while pending:
            name = pending.pop()
            if name in versions or not modules_of.get(name, set()) & sys.modules.keys():
                continue
            distribution = importlib.metadata.distribution(name)
            if _is_editable(distribution):
                continue
            versions[name] = distribution.version
            pending += _requirements(distribution)
            if name in backend:
                pending.append(backend[name])
        return dict(sorted(versions.items()))


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _requirements(distribution: importlib.metadata.Distribution) -> list[str]:
    needed = map(Requirement, distribution.requires or [])
    return [
        _canonical(requirement.name)
        for requirement in needed
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]


def _is_editable(distribution: importlib.metadata.Distribution) -> bool:
    url = distribution.read_text("direct_url.json")
    return bool(url) and json.loads(url).get("dir_info", {}).get("editable", False)


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
        _explain_asserts(tree, padded)
        exec(compile(tree, filename, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        return _failure(error, filename, line, f"called sys.exit({error.code!r})")
    except BaseException as error:
        return _failure(error, filename, line)
    return None


def _explain_asserts(tree: ast.Module, source: str) -> None:
    from _pytest.assertion.rewrite import rewrite_asserts

    rewrite_asserts(tree, source.encode())


def _failure(
    error: BaseException, filename: str, line: int, message: str | None = None
) -> dict:
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
    frames = [frame for frame in summary.stack if frame.filename != __file__]
    starts = [i for i, frame in enumerate(frames) if frame.filename == filename]
    summary.stack[:] = frames[starts[0] :] if starts else []
    for cause in (summary.__cause__, summary.__context__):
        if cause is not None:
            _drop_frames_before(cause, filename)


def _fault(kind: str, message: str, line: int) -> dict:
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
    sources, imports, tables = Sources(Path(request["root"])), Imports(), Tables()
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
            error = _fault(type(problem).__name__, str(problem), line)
    seconds = time.monotonic() - clock
    threads = _threads_left(before)
    if error is None and threads:
        names = ", ".join(threads)
        error = _fault("ThreadsLeft", f"left {len(threads)} thread(s): {names}", line)
    sys.stdout.flush()
    sys.stderr.flush()
    result = {
        "error": error,
        "seconds": round(seconds, 3),
        "tables": tables.found,
        "figures": drawn,
        "files": sources.read(started),
        "versions": {"python": sys.version.split()[0], **imports.versions()},
    }
    partial = folder / "result.partial"
    partial.write_text(json.dumps(result), encoding="utf-8")
    partial.rename(folder / "result.json")


if __name__ == "__main__":  # one block in a fresh interpreter, where fork is missing
    figures.apply_style()
    execute(json.loads(sys.stdin.read()), Path(sys.argv[1]))
