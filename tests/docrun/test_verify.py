"""Incremental and exact: what changed is run, and nothing else."""

import os
import signal
import subprocess
import sys
import time

import pytest

from docrun import records
from docrun.blocks import read_blocks
from docrun.records import RecordStore


@pytest.fixture
def pages(project):
    """Four blocks: of `deep` through `middle`, of `other`, of a data file, of nothing."""
    project.write("src/deep.py", "def value():\n    return 1\n")
    project.write(
        "src/middle.py", "import deep\n\n\ndef value():\n    return deep.value()\n"
    )
    project.write("src/other.py", "NAME = 'other'\n")
    project.write("data/table.csv", "1,2\n")
    data = (project.root / "data/table.csv").as_posix()
    project.page(
        "a.md",
        "import middle\nprint(middle.value())",
        "import other\nprint(other.NAME)",
    )
    project.page("b.md", f"print(open({data!r}).read())", "print('alone')")
    return project


def ran(report) -> list[str]:
    return sorted(line.split()[1] for line in report.lines if " passed " in line)


def test_a_second_build_runs_nothing(pages, build):
    assert len(ran(build())) == 4
    second = build()
    assert (second.blocks, second.ran, second.passed) == (4, 0, True)


def test_editing_one_block_runs_one(pages, build):
    build()
    page = pages.root / "docs/b.md"
    page.write_text(page.read_text().replace("alone", "edited"))
    assert ran(build()) == ["docs/b.md:7"]


def test_moving_a_block_runs_nothing(pages, build):
    build()
    page = pages.root / "docs/b.md"
    page.write_text("# Longer\n\nWords.\n\n" + page.read_text())
    assert ran(build()) == []


def test_editing_a_module_runs_what_loaded_it_through_others_too(pages, build):
    build()
    pages.write("src/deep.py", "def value():\n    return 2\n")  # same size, same second
    assert ran(build()) == ["docs/a.md:3"]
    (block, _) = read_blocks(pages.root / "docs/a.md", pages.root)
    assert RecordStore(pages.settings).fresh(block).text == "2\n"
    pages.write("src/other.py", "NAME = 'renamed'\n")
    assert ran(build()) == ["docs/a.md:8"]
    pages.write("src/unrelated.py", "x = 1\n")
    assert ran(build()) == []


def test_a_changed_data_file_runs_the_block_that_read_it(pages, build):
    build()
    pages.write("data/table.csv", "3,4\n")
    assert ran(build()) == ["docs/b.md:3"]


def test_a_new_version_of_a_library_runs_the_blocks_that_loaded_it(project, build):
    def install(version):
        project.write("src/fakelib.py", "")
        info = f"src/fakelib-{version}.dist-info"
        project.write(f"{info}/METADATA", f"Name: fakelib\nVersion: {version}\n")
        project.write(f"{info}/top_level.txt", "fakelib\n")
        project.write(f"{info}/RECORD", "fakelib.py,,\n")

    install("1.0")
    project.page("a.md", "import fakelib", "print('without')")
    sys.path.insert(0, str(project.root / "src"))
    try:
        assert len(ran(build())) == 2
        assert ran(build()) == []
        for file in (project.root / "src").rglob("fakelib-1.0.dist-info/*"):
            file.unlink()
        (project.root / "src/fakelib-1.0.dist-info").rmdir()
        install("1.1")
        records.installed_version.cache_clear()
        assert ran(build()) == ["docs/a.md:3"]
    finally:
        sys.path.pop(0)
        records.installed_version.cache_clear()


def test_each_backend_keeps_its_records(pages, build):
    build(backend="tensorflow")
    assert len(ran(build(backend="jax"))) == 4
    assert build(backend="tensorflow").ran == 0
    assert build(backend="jax").ran == 0


def test_a_failure_is_told_whole_and_tried_again(project, build):
    page = project.page("a.md", "print('so far')\nx = 2\nassert x * 2 == 5")
    report = build()
    assert not report.passed
    told = "\n".join(report.lines)
    for part in ("docs/a.md:6", "assert x * 2 == 5", "assert (2 * 2) == 5", "so far"):
        assert part in told
    assert build().ran == 1, "a failure is never taken from its record"
    page.write_text(page.read_text().replace("== 5", "== 4"))
    assert build().passed


def test_a_problem_of_a_page_is_told_before_anything_runs(project, build):
    project.page("a.md", "print(1)")
    project.write("docs/b.md", "# B\n\n```py\nx = 1\n```\n")
    report = build()
    assert (report.ran, len(report.problems)) == (0, 1)
    assert str(report).startswith("docs/b.md:3: ")


def test_a_module_edited_while_its_block_runs_is_not_taken_for_fresh(project, build):
    module = project.write("src/slow.py", "X = 1\n")
    project.page(
        "a.md",
        f"import slow\nopen({str(module)!r}, 'w').write('X = 2\\n')\nprint(slow.X)",
    )
    build()
    assert ran(build()) == ["docs/a.md:3"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes().replace(b"alone", b"aline")),
        lambda path: path.write_bytes(os.urandom(500)),
        lambda path: path.write_text('{"digest": 1, "record": "{}"}'),
    ],
    ids=["truncated", "empty", "altered", "garbage", "foreign"],
)
def test_a_damaged_record_is_a_missing_one(pages, build, damage):
    build()
    block = "print('alone')\n"
    store = RecordStore(pages.settings)
    (path,) = [p for p in store.folder.glob("*.json") if block[:-1] in p.read_text()]
    damage(path)
    assert ran(build()) == ["docs/b.md:7"]


def test_a_full_disk_leaves_the_older_record_and_nothing_half_written(
    pages, build, monkeypatch
):
    build()
    folder = RecordStore(pages.settings).folder
    before = {path: path.read_bytes() for path in folder.iterdir()}
    pages.write("src/other.py", "NAME = 'new'\n")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records.os, "fsync", full)
    with pytest.raises(records.RecordError, match=r"docs/a.md:8: .*No space left"):
        build()
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    monkeypatch.setenv("PYTHONPATH", str(pages.root / "src"))
    assert ran(build()) == ["docs/a.md:8"]


def test_two_builds_at_once_are_both_right(pages, build):
    command = [sys.executable, "-m", "docrun", "verify"]
    builds = [
        subprocess.Popen(command, cwd=pages.root, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in builds:
        out, _ = process.communicate()
        assert process.returncode == 0, out
    assert build().ran == 0


def test_a_build_killed_at_any_moment_leaves_a_right_next_one(pages, build):
    command = [sys.executable, "-m", "docrun", "verify"]
    for delay in (0.2, 0.45, 0.7, 0.9):
        process = subprocess.Popen(command, cwd=pages.root, stdout=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    report = build()
    assert (report.passed, report.blocks) == (True, 4)
    assert build().ran == 0


def test_blocks_of_equal_code_share_one_run(project, build):
    project.page("a.md", "print('same')")
    project.page("b.md", "print('same')")
    report = build()
    assert (report.blocks, report.ran) == (2, 1)


def test_a_claim_that_lost_its_block_stops_the_build(project, build):
    ledger = "id,verdict,decided,page,claim\ncnn-01,true,run,a.md,It holds.\n"
    project.write("docs/claims.csv", ledger)
    project.write("docs/a.md", "# A\n\n### It holds { #cnn-01 }\n\nWords only.\n")
    report = build()
    assert report.problems == ["docs/a.md:3: cnn-01 has no block that asserts it"]


def test_limits_are_the_projects(project, build):
    project.page("a.md", "while True: pass")
    report = build(time_limit=0.5)
    assert "still running after 0.5 s" in report.failures[0][1].error["message"]
