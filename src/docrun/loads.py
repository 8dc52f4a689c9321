"""What a block loads: files of the project with their hashes, libraries with versions."""

import builtins
import functools
import hashlib
import importlib.machinery
import importlib.metadata
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

ENGINE = __package__  # what the engine itself imports is not the block's
ASSERT_REWRITER = "_pytest.assertion.rewrite"  # imported by each rewritten assert


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
        path, _, flags = arguments
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

    def __init__(self, names: Iterable[str] = ()):
        self.names = set(names)

    def install(self) -> None:
        original = builtins.__import__
        import_module = importlib.import_module

        def noting_import(name, globals=None, locals=None, fromlist=(), level=0):
            importer = (globals or {}).get("__name__", "")
            if (
                level == 0
                and importer.partition(".")[0] != ENGINE
                and name != ASSERT_REWRITER
            ):
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
        behind = {"keras": backend()}
        provided = _providers()
        pending = [_canonical(n) for m in self.names for n in provided.get(m, [])]
        versions = {}
        while pending:
            name = pending.pop()
            if name in versions or not _modules_of(name) & sys.modules.keys():
                continue
            distribution = _describe(name)
            if distribution.editable:
                continue
            versions[name] = distribution.version
            pending += distribution.requirements
            if name in behind:
                pending.append(behind[name])
        return dict(sorted(versions.items()))


def backend() -> str:
    """The backend of the Keras that is loaded; where none is, that which it would have."""
    keras = sys.modules.get("keras")
    chosen = os.environ.get("KERAS_BACKEND", "tensorflow")
    return keras.config.backend() if keras else chosen


class Distribution(NamedTuple):
    version: str
    editable: bool
    requirements: list[str]


# Cached: the server asks once, before it forks, and the blocks inherit the answers.
@functools.cache
def _providers() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


@functools.cache
def _modules_of(name: str) -> set[str]:
    provided = _providers().items()
    return {m for m, names in provided if name in map(_canonical, names)}


@functools.cache
def _describe(name: str) -> Distribution:
    found = importlib.metadata.distribution(name)
    url = json.loads(found.read_text("direct_url.json") or "{}")
    editable = url.get("dir_info", {}).get("editable", False)
    needed = map(Requirement, found.requires or [])
    requirements = [
        _canonical(requirement.name)
        for requirement in needed
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]
    return Distribution(found.version, editable, requirements)


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
