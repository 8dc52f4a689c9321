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


@pytest.mark.parametrize(
    "fault",
    [fault for _, fault in FAULTS],
    ids=[f"{s}: {f['name']}" for s, f in FAULTS],
)
def test_a_block_of_the_page_notices(fault, runner, tmp_path):
    shutil.copytree(ROOT / "src/whiteboard", tmp_path / "src/whiteboard")
    broken = tmp_path / fault["file"]
    text = broken.read_text()
    assert text.count(fault["old"]) == 1, "the fault must fit exactly one place"
    broken.write_text(text.replace(fault["old"], fault["new"]))
    before = f"import sys; sys.path.insert(0, {str(tmp_path / 'src')!r})\n"
    for anchor in fault["killed_by"]:
        blocks = blocks_under(anchor)
        assert blocks, f"{anchor} has no block"
        # The first line is the fence's own, so that lines stay as on the page.
        futures = [
            runner.submit(replace(b, line=b.line - 1), before + b.code) for b in blocks
        ]
        errors = [future.result()["error"] for future in futures]
        assert any(errors), f"{anchor} did not notice"
