"""A small project of its own for each test of the engine."""

import dataclasses
import textwrap
from pathlib import Path

import pytest
from markdown import Markdown

from docrun.blocks import Block
from docrun.runner import Runner
from docrun.settings import Settings, load_settings
from docrun.verify import Report, verify

EXTENSIONS = [
    "admonition",
    "attr_list",
    "md_in_html",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
    "pymdownx.tabbed",
    "tables",
    "toc",
]


class Project:
    """A folder with a pyproject.toml, pages, and modules that the pages import."""

    def __init__(self, root: Path):
        self.root = root
        self.write("pyproject.toml", "[tool.docrun]\ntime_limit = 20\n")
        (root / "docs").mkdir()
        (root / "src").mkdir()

    @property
    def settings(self) -> Settings:
        return load_settings(self.root)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def page(self, name: str, *blocks: str) -> Path:
        fences = [f"```python\n{textwrap.dedent(b).strip()}\n```\n" for b in blocks]
        return self.write(f"docs/{name}", "# A page\n\n" + "\n".join(fences))


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    return Project(tmp_path)


@pytest.fixture
def run(project):
    """Run pieces of code, each as a block; their results in the same order."""

    def run_blocks(*codes: str, **limits) -> list[dict]:
        settings = dataclasses.replace(project.settings, **limits)
        with Runner(settings) as runner:
            blocks = [Block("docs/page.md", 10, textwrap.dedent(c)) for c in codes]
            return [f.result() for f in [runner.submit(b) for b in blocks]]

    return run_blocks


@pytest.fixture
def build(project):
    """Verify the project; the report, with what was run in `report.lines`."""

    def verify_project(**changes) -> Report:
        lines = []
        settings = dataclasses.replace(project.settings, **changes)
        with Runner(settings) as runner:
            report = verify(settings, runner, lines.append)
        report.lines = lines
        return report

    return verify_project


@pytest.fixture
def render(project):
    def to_html(text: str) -> str:
        extensions = [*EXTENSIONS, "docrun"]
        configs = {
            "docrun": {"root": str(project.root)},
            "pymdownx.tabbed": {"alternate_style": True},
        }
        return Markdown(extensions=extensions, extension_configs=configs).convert(text)

    return to_html
