"""A server that has imported the heavy libraries and forks a process for each block.

A block that changes the environment before it imports them gets an interpreter that has
imported nothing, as its reader does.

`multiprocessing`'s forkserver would do the forking, but it imports the parent's
`__main__` into every child, leaves children running when the build is killed, and does
not say how a child died. This server is started by `runner.Runner`, speaks lines of JSON
over a socket, and goes when that socket closes, taking every process of a block along.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from docrun import execution, figures, loads

PR_SET_CHILD_SUBREAPER = 36
POLL = 0.02  # seconds between two looks at the running blocks
GRACE = 0.5  # seconds that a block's processes may need to end after it
STDERR_TAIL = 4000


class Run:
    """One block at work: its process, its folder, and when it started."""

    def __init__(self, request: dict, folder: Path, pid: int):
        self.request = request
        self.folder = folder
        self.pid = pid
        self.started = time.monotonic()
        self.stopped: tuple[str, str] | None = None  # why the server ended it

    def overstep(self) -> tuple[str, str] | None:
        """The limit that this run has passed, as (kind, message)."""
        limit = self.request["time_limit"]
        if time.monotonic() - self.started > limit:
            return "TimeLimit", f"still running after {limit:g} s"
        printed = _size(self.folder / "stdout") + _size(self.folder / "stderr")
        if printed > self.request["output_limit"]:
            return "OutputLimit", f"printed over {self.request['output_limit']:,} bytes"
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Server:
    """Forks, watches and buries the processes of blocks."""

    def __init__(self, connection: socket.socket, folder: Path):
        self.connection = connection
        self.folder = folder
        self.buffer = b""
        self.count = 0
        self.runs: dict[int, Run] = {}

    def serve(self) -> None:
        """Answer requests until the other end closes."""
        while True:
            timeout = POLL if self.runs else None
            readable, _, _ = select.select([self.connection], [], [], timeout)
            if readable:
                data = self.connection.recv(1 << 16)
                if not data:
                    return
                self.buffer += data
                *lines, self.buffer = self.buffer.split(b"\n")
                for line in lines:
                    self.start(json.loads(line))
            self.watch()

    def start(self, request: dict) -> None:
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        if hasattr(os, "fork") and not request["fresh"]:
            pid = os.fork()
            if pid == 0:
                self._become_block(request, folder)
        else:
            pid = self._spawn(request, folder)
        self.runs[pid] = Run(request, folder, pid)

    def _become_block(self, request: dict, folder: Path) -> None:
        status = 1
        try:
            os.setsid()
            self.connection.close()
            gc.enable()
            execution.execute(request, folder)
            status = 0
        finally:
            os._exit(status)

    def _spawn(self, request: dict, folder: Path) -> int:
        """Run a block in an interpreter of its own, in which nothing is imported."""
        command = [sys.executable, "-m", "docrun.execution", str(folder)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        with process.stdin:
            process.stdin.write(json.dumps(request))
        process.returncode = 0  # so that no other than `watch` waits for it
        return process.pid

    def watch(self) -> None:
        for run in list(self.runs.values()):
            run.stopped = run.stopped or run.overstep()
            if run.stopped:
                _kill_group(run.pid)
            pid, status = os.waitpid(run.pid, os.WNOHANG)
            if pid:
                del self.runs[pid]
                self.report(run, os.waitstatus_to_exitcode(status))

    def report(self, run: Run, code: int) -> None:
        left = self._bury_descendants()
        run.stopped = run.stopped or run.overstep()
        answer = json.dumps(outcome(run, code, left)).encode() + b"\n"
        shutil.rmtree(run.folder, ignore_errors=True)
        self.connection.sendall(answer)

    def _bury_descendants(self) -> int:
        """Kill what an ended block left running; how many processes that were."""
        deadline = time.monotonic() + GRACE
        while self._strays() and time.monotonic() < deadline:
            time.sleep(POLL)
        buried = 0
        while strays := self._strays():
            buried += len(strays)
            for pid in strays:
                _kill(pid)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
        return buried

    def _strays(self) -> list[int]:
        """Living orphans that this server adopted from blocks that have ended."""
        strays = []
        for pid in _children_of(os.getpid()):
            if pid in self.runs or _group_of(pid) in self.runs:
                continue
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    strays.append(pid)
        return strays

    def close(self) -> None:
        for run in self.runs.values():
            _kill_group(run.pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(run.pid, 0)
        self.runs.clear()
        for pid in self._strays():
            _kill(pid)


def outcome(run: Run, code: int, left: int) -> dict:
    """What the run left, put together with how its process ended."""
    line = run.request["line"]
    raw = _read(run.folder / "stdout", run.request["output_limit"])
    result = {
        "error": None,
        "seconds": round(time.monotonic() - run.started, 3),
        "tables": [],
        "figures": [],
        "files": {},
        "versions": {},
    }
    finished = run.folder / "result.json"
    if finished.is_file():
        result = json.loads(finished.read_text(encoding="utf-8"))
    fault = None
    if run.stopped:
        fault = run.stopped
    elif not finished.is_file():
        fault = _death(code)
    elif left and result["error"] is None:
        fault = "ProcessesLeft", f"left {left} process(es) running"
    try:
        printed = raw.decode()
    except UnicodeDecodeError:
        printed = raw.decode(errors="replace")
        if fault is None and result["error"] is None:
            fault = "BinaryOutput", "wrote bytes to stdout that are not UTF-8 text"
    if fault:
        kind, message = fault
        result["error"] = {
            "kind": kind,
            "message": message,
            "line": line,
            "traceback": message,
        }
    errors = _read(run.folder / "stderr", run.request["output_limit"])
    result["printed"] = _with_tables(raw, result.pop("tables")) or [{"text": printed}]
    result["stderr"] = errors[-STDERR_TAIL:].decode(errors="replace")
    result["id"] = run.request["id"]
    return result


def _death(code: int) -> tuple[str, str]:
    if code < 0:
        return "Killed", f"killed by {signal.Signals(-code).name}"
    return "Exited", f"ended its process with os._exit({code})"


def _with_tables(raw: bytes, tables: list[dict]) -> list[dict]:
    """The printed text in pieces, some of which have an HTML form."""
    if not tables:
        return []
    pieces, position = [], 0
    for table in tables:
        text = raw[position : table["start"]].decode(errors="replace")
        if text:
            pieces.append({"text": text})
        inside = raw[table["start"] : table["end"]].decode(errors="replace")
        pieces.append({"text": inside, "html": table["html"]})
        position = table["end"]
    rest = raw[position:].decode(errors="replace")
    return [*pieces, {"text": rest}] if rest else pieces


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        return b""


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _children_of(pid: int) -> list[int]:
    """The direct children of a process, orphans that it adopted included (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.is_file():
        return []
    return [int(child) for child in children.read_text().split()]


def main() -> None:
    descriptor, *preload = sys.argv[1:]
    connection = socket.socket(fileno=int(descriptor))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    gc.disable()  # nothing that is loaded here is ever garbage, in no child either
    for module in preload:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module)
    importlib.import_module("_pytest.assertion.rewrite")
    figures.apply_style()
    loads.Imports(module.partition(".")[0] for module in preload).versions()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="docrun-") as folder:
        server = Server(connection, Path(folder))
        try:
            server.serve()
        except (ConnectionError, BrokenPipeError):
            pass  # the build is gone, and so are its blocks
        finally:
            server.close()


if __name__ == "__main__":
    main()
