"""Break the package on purpose: the page that teaches the thing must notice.

Each fault of `faults/<page>.toml` is put into a copy of the package; the blocks that the
fault names must then fail, and the build would stop at them.
"""

import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from docrun.blocks import Block
from docrun.claims import find_sections
from docrun.runner import Runner
from docrun.settings import load_settings

ROOT = Path(__file__).parents[2]
FAULTS = [
    (file.stem, fault)
    for file in sorted(Path(__file__).parent.glob("faults/*.toml"))
    for fault in tomllib.loads(file.read_text())["fault"]
]


def blocks_under(anchor: str) -> list[Block]:
    page, _, claim = anchor.partition("#")
    sections = find_sections((ROOT / "docs" / page).read_text(), f"docs/{page}")
    (section,) = [section for section in sections if section.id == claim]
    return list(section.blocks)


@pytest.fixture(scope="module")
def runner():
    with Runner(load_settings(ROOT)) as runner:
        yield runner


def errors_with(package: Path, anchor: str, runner: Runner) -> list[dict | None]:
    """How each block under a claim fares when `package` is what it imports."""
    before = f"import sys; sys.path.insert(0, {str(package.parent)!r})\n"
    blocks = blocks_under(anchor)
    assert blocks, f"{anchor} has no block"
    # The first line is the fence's own, so that lines stay as on the page.
    runs = [runner.submit(replace(b, line=b.line - 1), before + b.code) for b in blocks]
    return [run.result()["error"] for run in runs]


@pytest.fixture
def package(tmp_path):
    return Path(shutil.copytree(ROOT / "src/whiteboard", tmp_path / "src/whiteboard"))


@pytest.mark.parametrize(
    "anchor", sorted({a for _, f in FAULTS for a in f["killed_by"]})
)
def test_without_a_fault_the_copy_holds(anchor, runner, package):
    assert not any(errors_with(package, anchor, runner))


@pytest.mark.parametrize(
    "fault",
    [fault for _, fault in FAULTS],
    ids=[f"{s}: {f['name']}" for s, f in FAULTS],
)
def test_a_block_of_the_page_notices(fault, runner, package):
    broken = package.parents[1] / fault["file"]
    text = broken.read_text()
    assert text.count(fault["old"]) == 1, "the fault must fit exactly one place"
    broken.write_text(text.replace(fault["old"], fault["new"]))
    for anchor in fault["killed_by"]:
        assert any(errors_with(package, anchor, runner)), f"{anchor} did not notice"
