"""A lab runs from top to bottom when its code changed or what it loads, and not else."""

import jupytext
import pytest

from docrun.labs import lint_lab, read_lab, verify_labs
from docrun.records import LabRecord, RecordStore

LAB = """\
# Comments before the first cell are nobody's.

# %% [markdown]
# # Title
#
# Words with $x^2$.

# %%
import sys

import lib

print("x is", lib.X)
print("\\r1/2", end="")
print("\\r2/2")
print("a word aside", file=sys.stderr)

# %% [markdown]
# ## A figure

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 2])
figure.set_label("a line that rises")


# %%
def check(x):
    assert x == lib.X


check(3)
"""
HEAD = "# %% [markdown]\n# # Title\n\n# %%\n"


@pytest.fixture
def lab(project):
    project.write("src/lib.py", "X = 3\n")
    project.write("src/other.py", "Y = 4\n")
    return project.write("docs/labs/a.py", LAB)


@pytest.fixture
def verify(project):
    def verify_project(**options):
        lines = []
        report = verify_labs(project.settings, lines.append, **options)
        report.lines = "\n".join(lines)
        return report

    return verify_project


def test_its_cells_are_those_of_jupytext(project, lab):
    found = read_lab(lab, project.root)
    theirs = jupytext.read(lab).cells[1:]  # the first are the comments at the top
    assert [cell.source for cell in found.cells] == [cell.source for cell in theirs]
    kinds = ["markdown" if cell.words else "code" for cell in found.cells]
    assert kinds == [cell.cell_type for cell in theirs]
    lines = lab.read_text().split("\n")
    for cell in found.code:
        assert lines[cell.line - 1] == cell.source.split("\n")[0]


def test_words_are_no_reason_to_run_it_again(project, lab):
    before = read_lab(lab, project.root).block.key
    lab.write_text(LAB.replace("Words with", "Other words, and more, with\n#\n#"))
    assert read_lab(lab, project.root).block.key == before
    lab.write_text(LAB.replace("check(3)", "check(4)"))
    assert read_lab(lab, project.root).block.key != before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "assert 1\n", None),
        ("# %%\nassert 1\n", "a.py:1: a lab starts with"),
        (HEAD + "x = 1\n", "a.py:1: a lab asserts what it claims"),
        (HEAD + "assert 1\n# %% A title\n", "a.py:6: A cell starts with"),
        (HEAD + "assert 1\n%pip install x\n", "a.py:6: SyntaxError"),
        (HEAD + "assert 1\n# %%\n\nx = (\n", "a.py:8: SyntaxError"),
        (
            HEAD + "assert 1\n# %% [markdown]\n# Words\n#\n# ```python\n# 1\n# ```\n",
            "a.py:9: Python in the words",
        ),
    ],
)
def test_what_is_wrong_is_told_before_it_runs(project, verify, text, expected):
    path = project.write("docs/labs/a.py", text)
    problems = lint_lab(read_lab(path, project.root))
    assert len(problems) == bool(expected)
    if expected:
        assert problems[0].startswith(f"docs/labs/{expected}")
        report = verify()
        assert not report.passed and report.ran == 0


def test_it_runs_when_what_it_uses_has_changed(project, lab, verify):
    report = verify()
    assert report.passed and report.ran == 1, report.lines
    assert "docs/labs/a.py starts" in report.lines
    assert "[1/1] docs/labs/a.py passed" in report.lines
    record = RecordStore(project.settings, LabRecord).load(
        read_lab(lab, project.root).block
    )
    first, second, third = map(record.output, range(3))
    assert first.printed == [{"text": "x is 3\n"}], "progress is not published"
    assert record.stderr == "a word aside\n" and record.output(3) is None
    assert [figure["alt"] for figure in second.figures] == ["a line that rises"]
    assert "var(--docrun-ink" in second.figures[0]["svg"] and not third.figures
    assert set(record.files) == {"src/lib.py"}
    assert {"python", "matplotlib", "numpy"} <= set(record.versions)

    project.write("src/other.py", "Y = 5\n")
    lab.write_text(LAB.replace("Words", "New words"))
    assert verify().ran == 0
    project.write("src/lib.py", "X = 1 + 2\n")
    assert verify().ran == 1


def test_a_failure_names_the_line_and_what_was_printed_last(project, lab, verify):
    lab.write_text(LAB.replace("check(3)", 'print("so far")\ncheck(5)'))
    report = verify()
    assert not report.passed
    for part in (
        "docs/labs/a.py:31: AssertionError",
        'File "docs/labs/a.py", line 35, in <module>',
        "assert 5 == 3",
        "so far",
    ):
        assert part in report.lines
    record = report.failures[0][1]
    assert record.output(2).error and not record.output(1).error
    again = verify(rerun=False)
    assert not again.passed and again.ran == 0, (
        "an author's next edit is not kept waiting"
    )
    project.write("src/lib.py", "X = 5\n")
    mended = verify(rerun=False)
    assert mended.passed and mended.ran == 1
    project.write("src/lib.py", "X = 5  # as before\n")
    assert verify(rerun=False).ran == 0 and verify().ran == 1


FAILING = {
    "slow": ("import time\ntime.sleep(60)\n", "TimeLimit", "still running after 4 s"),
    "dead": ("import os\nos._exit(3)\n", "KernelDied", "its kernel has died"),
    "bare": (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);\n",
        "FigureError",
        "has no text alternative",
    ),
    "address": ("object()\n", "OutputError", "is another in each run"),
}


def test_each_way_to_fail_is_told_apart(project, verify):
    project.write("pyproject.toml", "[tool.docrun]\nlab_time_limit = 4\n")
    for name, (code, _, _) in FAILING.items():
        project.write(f"docs/labs/{name}.py", f"{HEAD}assert 1\n\n# %%\n{code}")
    report = verify()
    errors = {block.page: record.error for block, record in report.failures}
    assert len(errors) == len(FAILING)
    for name, (_, kind, message) in FAILING.items():
        error = errors[f"docs/labs/{name}.py"]
        assert error["kind"] == kind and message in error["message"]
        assert error["line"] == 8
    assert verify(rerun=False).ran == 2, "nobody knows what the cut-off ones depend on"
