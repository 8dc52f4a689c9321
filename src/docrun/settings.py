"""The `[tool.docrun]` table of `pyproject.toml`: one source for every front end."""

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path


class SettingsError(ValueError):
    """A setting that does not exist or has the wrong type."""


@dataclass(frozen=True)
class Settings:
    """What the engine needs to know about the project that it serves."""

    root: Path
    docs: str = "docs"
    claims: str = "docs/claims.csv"
    source: str = "src"
    records: str = ".docrun"
    preload: list[str] = field(default_factory=list)
    time_limit: float = 30.0  # seconds a block may take
    labs: str = "labs"  # folder of documents with a script for each lab
    lab_time_limit: float = 300.0  # seconds a lab may take
    memory_limit: int = 4096  # MiB a block may allocate
    output_limit: int = 100_000  # bytes a block may print
    api: str = ""  # folder of documents with a page of mkdocstrings for each package
    install: str = ""  # the requirement that a downloaded notebook installs
    backend: str = "tensorflow"

    @property
    def docs_dir(self) -> Path:
        return self.root / self.docs

    def pages(self) -> list[Path]:
        return sorted(self.docs_dir.rglob("*.md"))


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` whose pyproject.toml has `[tool.docrun]`."""
    start = (start or Path.cwd()).resolve()
    for folder in [start, *start.parents]:  # a file has no pyproject.toml below it
        file = folder / "pyproject.toml"
        if file.is_file() and "docrun" in tomllib.loads(file.read_text()).get(
            "tool", {}
        ):
            return folder
    raise SettingsError(f"No pyproject.toml with [tool.docrun] at or above {start}")


def load_settings(start: Path | None = None) -> Settings:
    """Read the settings of the project that contains `start`.

    The backend is `KERAS_BACKEND` where it is set, as for Keras itself.

    Raises:
        SettingsError: for no table, an unknown key, or a value of the wrong type.
    """
    root = find_root(start)
    file = root / "pyproject.toml"
    table = tomllib.loads(file.read_text())["tool"]["docrun"]
    known = {f.name: f for f in fields(Settings) if f.name != "root"}
    defaults = Settings(root)
    for name, value in table.items():
        if name not in known:
            raise SettingsError(
                f"{file}: unknown setting tool.docrun.{name}. "
                f"Expected one of {', '.join(known)}."
            )
        expected = type(getattr(defaults, name))
        if isinstance(value, int) and expected is float:
            value = float(value)
        if not isinstance(value, expected) or isinstance(value, bool):
            raise SettingsError(
                f"{file}: tool.docrun.{name} must be {expected.__name__}. "
                f"Received: {value!r}"
            )
    backend = os.environ.get("KERAS_BACKEND") or table.get("backend", defaults.backend)
    return Settings(root, **{**table, "backend": backend})
