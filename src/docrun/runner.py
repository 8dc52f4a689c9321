"""Run blocks, each in a process of its own, as many at once as there are cores."""

import collections
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future

from docrun.blocks import Block, sets_environment
from docrun.settings import Settings

ENVIRONMENT = {
    "MPLBACKEND": "agg",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
# One block a core: libraries that start a thread a core would only wait for each other.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)


def environment(settings: Settings, workers: int) -> dict[str, str]:
    """The variables under which code runs, `workers` processes of it at once."""
    threads = max(1, len(os.sched_getaffinity(0)) // workers)
    return {
        **dict.fromkeys(THREADS, str(threads)),
        **os.environ,
        **ENVIRONMENT,
        "KERAS_BACKEND": settings.backend,
    }


class RunnerError(RuntimeError):
    """The server that runs the blocks could not start, or died."""


class Runner:
    """Hands blocks to a `docrun.server`, which starts with the first of them.

    Use it as a context manager: leaving it ends every process that a block started.
    """

    def __init__(self, settings: Settings, workers: int | None = None):
        self.settings = settings
        self.workers = workers or len(os.sched_getaffinity(0))
        self._lock = threading.Lock()
        self._waiting: collections.deque = collections.deque()
        self._running: dict[int, Future] = {}
        self._count = 0
        self._server: subprocess.Popen | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def submit(self, block: Block, code: str | None = None) -> Future:
        """Queue a block; the future's result is what `server.outcome` describes.

        Args:
            code: what to run in the place of the block's own code.
        """
        future: Future = Future()
        code = block.code if code is None else code
        self.start()
        with self._lock:
            self._count += 1
            request = {
                "id": self._count,
                "key": block.key,
                "code": code,
                "fresh": sets_environment(code),
                "filename": block.page,
                "line": block.line,
                "root": str(self.settings.root),
                "time_limit": self.settings.time_limit,
                "memory_limit": self.settings.memory_limit,
                "output_limit": self.settings.output_limit,
            }
            self._waiting.append((request, future))
            self._send()
        return future

    def close(self) -> None:
        """End the server and with it each block that is still running."""
        server, self._server = self._server, None
        if server is None:
            return
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        server.wait()
        self._reader.join()
        self._connection.close()
        self._log.close()

    def start(self) -> None:
        """Start the server where it is not running, so that the first block need not."""
        with self._lock:
            if self._server is None:
                self._start()

    def _start(self) -> None:
        self._connection, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile("w+")
        command = [sys.executable, "-m", "docrun.server", str(theirs.fileno())]
        self._server = subprocess.Popen(
            [*command, *self.settings.preload],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            cwd=self.settings.root,
            env=environment(self.settings, self.workers),
        )
        theirs.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _send(self) -> None:
        while self._waiting and len(self._running) < self.workers:
            request, future = self._waiting.popleft()
            self._running[request["id"]] = future
            with contextlib.suppress(BrokenPipeError):  # the reader reports its death
                self._connection.sendall(json.dumps(request).encode() + b"\n")

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._connection.makefile("rb") as answers:
            for line in answers:
                result = json.loads(line)
                with self._lock:
                    future = self._running.pop(result.pop("id"))
                    self._send()
                future.set_result(result)
        with self._lock:
            lost = [*self._running.values(), *(f for _, f in self._waiting)]
            self._running.clear()
            self._waiting.clear()
        for future in lost:
            future.set_exception(RunnerError(self._last_words()))

    def _last_words(self) -> str:
        self._log.seek(0)
        tail = self._log.read()[-2000:].strip()
        return f"The process that runs the blocks has ended. Its last words: {tail}"
