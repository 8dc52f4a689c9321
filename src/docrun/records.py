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


class RecordStore:
    """The records of one project on one backend, in `<records>/<backend>/`."""

    def __init__(self, settings: Settings):
        self.root = settings.root
        self.backend = settings.backend
        self.folder = settings.root / settings.records / settings.backend

    def path(self, block: Block) -> Path:
        return self.folder / f"{block.key}.json"

    def load(self, block: Block) -> Record | None:
        """The record of exactly this code. A damaged one is a missing one."""
        try:
            envelope = json.loads(self.path(block).read_bytes())
            body = envelope["record"]
            if envelope["digest"] != _digest(body):
                return None
            record = Record(**json.loads(body))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return record if record.code == block.code else None

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
        record = Record(code=block.code, backend=self.backend, **result)
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
