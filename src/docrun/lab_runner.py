"""Run labs, each in a Jupyter kernel of its own, as many at once as there are workers."""

import contextlib
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from docrun.execution import fault
from docrun.labs import Cell, Lab
from docrun.runner import RunnerError, environment
from docrun.settings import Settings

WATCH = '__import__("docrun.lab_kernel", fromlist=["watch"])'
STDERR_TAIL = 4000
START_LIMIT = 120  # seconds for what is not the lab's own work
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
STYLE = re.compile(r"<style.*?</style>\s*", re.DOTALL)
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


class LabRunner:
    """Hands labs to kernels. Leaving the context ends those that still run.

    Args:
        progress: receives a line as each lab starts.
    """

    def __init__(self, settings: Settings, workers: int, progress: Callable):
        self.settings = settings
        self.workers = workers
        self.progress = progress
        self._pool = ThreadPoolExecutor(workers)
        self._runs: set[_Run] = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._pool.shutdown(wait=False, cancel_futures=True)
        for run in self._runs.copy():
            run.kill()
        self._pool.shutdown()

    def submit(self, lab: Lab) -> Future:
        """Queue a lab; the future's result is what a `LabRecord` keeps of its run."""
        return self._pool.submit(self._run, lab)

    def _run(self, lab: Lab) -> dict:
        self.progress(f"{lab.page} starts")
        with tempfile.TemporaryDirectory(prefix="docrun-lab-") as folder:
            run = _Run(lab, self.settings, Path(folder))
            self._runs.add(run)
            try:
                return run.result(environment(self.settings, self.workers))
            except (RuntimeError, CellTimeoutError) as error:  # so Jupyter says it
                raise RunnerError(f"{lab.page}: no kernel: {error}") from error
            finally:
                self._runs.discard(run)


class _Client(NotebookClient):
    """Keeps what a cell shows; what it says on stderr is shown while it runs."""

    said = ""

    def output(self, outs, msg, display_id, cell_index):
        if msg["msg_type"] == "stream":
            text, aside = msg["content"]["text"], msg["content"]["name"] == "stderr"
            if sys.stderr.isatty() and (aside or "\r" in text):
                sys.stderr.write(text)
                sys.stderr.flush()
            if aside:
                self.said += text
                return None
        return super().output(outs, msg, display_id, cell_index)


class _Run:
    """One lab in one kernel, which works in a folder below `folder`."""

    def __init__(self, lab: Lab, settings: Settings, folder: Path):
        self.lab = lab
        self.settings = settings
        self.folder = folder
        cells = [new_code_cell(cell.source) for cell in lab.code]
        self.between = len(cells)  # where what runs between the cells stands
        self.client = _Client(
            new_notebook(cells=[*cells, new_code_cell()]),
            # This interpreter's own kernel, whatever kernels the user has installed.
            km=AsyncKernelManager(
                kernel_name="python3",
                transport="ipc",  # no port that others could reach
                ip=str(folder / "ipc"),
                kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            ),
            shutdown_kernel="immediate",
            startup_timeout=START_LIMIT,
        )
        self.printed: list[list[dict]] = []
        self.killed = False

    def kill(self) -> None:
        self.killed = True
        with contextlib.suppress(AttributeError, TypeError, ProcessLookupError):
            os.kill(self.client.km.provisioner.pid, signal.SIGKILL)

    def result(self, variables: dict[str, str]) -> dict:
        work = self.folder / "work"
        work.mkdir()
        variables |= {"IPYTHONDIR": str(self.folder), "TMPDIR": str(self.folder)}
        kernel = {"cwd": str(work), "env": variables, "cleanup_kc": True}
        left = {"error": None, "figures": [], "files": {}, "versions": {}}
        with self.client.setup_kernel(**kernel):
            self.deadline = time.monotonic() + START_LIMIT
            self._start()
            clock = time.monotonic()
            self.deadline = clock + self.settings.lab_time_limit
            error = self._run_cells()
            seconds = time.monotonic() - clock
            # A kernel that died or hangs cannot say what it loaded.
            with contextlib.suppress(CellTimeoutError, DeadKernelError):
                if error is None or error["kind"] != "TimeLimit":
                    self.deadline = time.monotonic() + START_LIMIT
                    finished = self.folder / "result.json"
                    self._call(f"watch.finish({str(finished)!r})")
                    left = json.loads(finished.read_text(encoding="utf-8"))
        drawn = left.pop("figures")
        drawn += [[]] * (len(self.printed) - len(drawn))
        error = left.pop("error") or error
        cells = zip(self.printed, drawn, strict=False)
        return left | {
            "error": error,
            "printed": self.printed[-1] if error and self.printed else [],
            "stderr": self.client.said[-STDERR_TAIL:],
            "figures": [],
            "seconds": round(seconds, 3),
            "cells": [{"printed": text, "figures": found} for text, found in cells],
        }

    def _run_cells(self) -> dict | None:
        """Run the cells down to the first that fails; how it failed."""
        code, line = self.lab.code, self.lab.block.line
        try:
            for number, cell in enumerate(code):
                line = cell.line
                self._call(f"watch.begin({line})")
                problem = self._run_cell(number, cell)
                if problem:
                    return problem
                self._call("watch.end()")
        except CellTimeoutError:
            limit = self.settings.lab_time_limit
            return fault("TimeLimit", f"still running after {limit:g} s", line)
        except DeadKernelError:
            return fault("KernelDied", "its kernel has died", line)
        except CellExecutionError as error:
            return fault(error.ename, error.evalue, line)
        return None

    def _run_cell(self, number: int, cell: Cell) -> dict | None:
        running = self.client.nb.cells[number]
        try:
            self._execute(running, number)
        finally:
            self.printed.append(pieces(running.get("outputs", [])))
        for output in running.outputs:
            problem = unfit(output)
            if problem:
                return fault("OutputError", problem, cell.line)
        return None

    def _start(self) -> None:
        request = self.folder / "request.json"
        script = self.settings.root / self.lab.page
        described = {
            "page": self.lab.page,
            "key": self.lab.block.key,
            "root": str(self.settings.root),
            "text": script.read_text(encoding="utf-8"),
        }
        request.write_text(json.dumps(described), encoding="utf-8")
        self._call(f"start({str(request)!r})")

    def _call(self, code: str) -> None:
        self._execute(new_code_cell(f"{WATCH}.{code}"), self.between)

    def _execute(self, cell, index: int) -> None:
        if self.killed:  # before it had a kernel
            raise DeadKernelError("killed")
        self.client.timeout = max(1, round(self.deadline - time.monotonic()))
        self.client.execute_cell(cell, index)


def pieces(outputs: list[dict]) -> list[dict]:
    """What a cell showed, in the form in which a record keeps what a block printed."""
    found: list[dict] = []
    text = ""
    for output in outputs:
        if output["output_type"] == "stream":
            text += output["text"]
            continue
        data = output.get("data", {})
        html, plain = data.get("text/html", ""), data.get("text/plain", "")
        if "<table" in html and "<script" not in html:
            found += [{"text": published(text)}, {"text": plain + "\n"}]
            found[-1]["html"] = STYLE.sub("", html).replace(' border="1"', "")
            text = ""
        elif plain:
            text += plain + "\n"
    return [piece for piece in [*found, {"text": published(text)}] if piece["text"]]


def published(text: str) -> str:
    """Without colours, and without progress: a line that was written over again."""
    lines = ANSI.sub("", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line for line in lines if not {"\r", "\b"} & set(line))


def unfit(output: dict) -> str | None:
    """Why a page cannot show an output, if it cannot."""
    data = output.get("data", {})
    if any(kind.startswith("image/") for kind in data):
        return (
            "shows a picture without a text alternative. Leave a figure open at the "
            'end of the cell, with figure.set_label("...").'
        )
    found = ADDRESS.search(data.get("text/plain", ""))
    if found:
        return (
            f"shows {data['text/plain'][:60]!r}, whose address is another in each run. "
            "End the cell with something else than that value."
        )
    return None
