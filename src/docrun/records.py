"""What a run of a block left: kept on disk, whole or not at all, and known when stale."""

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from docrun.blocks import Block
from docrun.settings import Settings

FORMAT = 1  # raise it when a change of docrun makes older records wrong


class RecordError(OSError):
    """A run that could not be written down."""


@dataclass(frozen=True)
class Record:
    """One run of one block.

    Attributes:
        code: the code that ran.
        backend: the project's, or the one that the code chose for itself.
        error: None, or `kind`, `message`, `line` and `traceback` of the failure.
        printed: pieces of stdout, each with `text` and, for a table, `html`.
        figures: each with `svg` and `alt`.
        seconds: wall time from the block's first line to its last figure.
        files: hash of each file of the project that it loaded or read.
        versions: version of Python and of each installed library that it loaded.
    """

    code: str
    backend: str
    error: dict | None
    printed: list[dict]
    stderr: str
    figures: list[dict]
    seconds: float
    files: dict[str, str]
    versions: dict[str, str]

    @property
    def text(self) -> str:
        return "".join(piece["text"] for piece in self.printed)


class Output(NamedTuple):
    """What a page shows under a cell of a lab, named as in a record."""

    printed: list[dict]
    figures: list[dict]
    error: dict | None


@dataclass(frozen=True)
class LabRecord(Record):
    """One run of one lab. What it printed is that of the cell that failed, if one did.

    Attributes:
        cells: `printed` and `figures` of each code cell that ran.
    """

    cells: list[dict]

    def output(self, cell: int) -> Output | None:
        """What the code cell of that number left, from 0; None where it did not run."""
        if cell >= len(self.cells):
            return None
        failed = self.error if cell == len(self.cells) - 1 else None
        return Output(**self.cells[cell], error=failed)


class RecordStore:
    """The records of one project on one backend, in `<records>/<backend>/`.

    Args:
        kind: the class of the records, `LabRecord` for those of labs.
    """

    def __init__(self, settings: Settings, kind: type[Record] = Record):
        self.kind = kind
        self.root = settings.root
        self.backend = settings.backend
        self.folder = settings.root / settings.records / settings.backend

    def path(self, block: Block) -> Path:
        return self._path(block.key)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def load(self, block: Block) -> Record | None:
        """The record of exactly this code. A damaged one is a missing one."""
        return self.find(block.key)

    def find(self, key: str) -> Record | None:
        """The record of the code that has this key."""
        try:
            envelope = json.loads(self._path(key).read_bytes())
            body = envelope["record"]
            if envelope["digest"] != _digest(body):
                return None
            record = self.kind(**json.loads(body))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return record if Block("", 0, record.code).key == key else None

    def fresh(self, block: Block) -> Record | None:
        """The record if it passed and all that it loaded is as it was, else None."""
        record = self.load(block)
        if record is None or record.error or not self.is_current(record):
            return None
        return record

    def is_current(self, record: Record) -> bool:
        files = all(
            digest and file_hash(self.root / name) == digest
            for name, digest in record.files.items()
        )
        return files and all(
            installed_version(name) == version
            for name, version in record.versions.items()
        )

    def save(self, block: Block, result: dict) -> Record:
        """Keep what `Runner` found. The file appears whole or does not appear.

        Raises:
            RecordError: where it cannot be written; the older one is then untouched.
        """
        run = {"code": block.code, "backend": self.backend} | result
        record = self.kind(**run)
        body = json.dumps(asdict(record), ensure_ascii=False)
        text = json.dumps({"digest": _digest(body), "record": body})
        try:
            _write_whole(self.path(block), text)
        except OSError as error:
            raise RecordError(
                f"{block.location}: its run cannot be kept: {error}"
            ) from error
        return record


def _write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise


def _digest(body: str) -> str:
    return hashlib.sha256(f"{FORMAT}\n{body}".encode()).hexdigest()


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file's content, None where there is none."""
    try:
        status = path.stat()
        return _hash_of(path, status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        return None


@functools.lru_cache(maxsize=4096)
def _hash_of(path: Path, *_identity: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def installed_version(name: str) -> str | None:
    if name == "python":
        return sys.version.split()[0]
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
