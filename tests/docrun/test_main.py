"""The command line: verify, and the same blocks at other seeds."""

import subprocess
import sys

import pytest

from docrun.__main__ import reseed


@pytest.fixture
def docrun(project):
    def call(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "docrun", *arguments]
        return subprocess.run(command, cwd=project.root, capture_output=True, text=True)

    return call


def test_literal_seeds_are_moved_and_nothing_else():
    code = (
        "n = 7\nkeras.utils.set_random_seed(7)\nr = np.random.default_rng(12)\nf(7)\n"
    )
    assert reseed(code, 1000) == (
        "n = 7\nkeras.utils.set_random_seed(1007)\n"
        "r = np.random.default_rng(1012)\nf(7)\n"
    )
    assert reseed("f(x, 3, random_state=7); g(seed=seed, rate=1)", 10) == (
        "f(x, 3, random_state=17); g(seed=seed, rate=1)"
    )


def test_verify_says_what_it_did_and_exits_with_it(project, docrun):
    project.page("a.md", "print(1)")
    result = docrun("verify")
    assert result.returncode == 0
    assert "1 blocks, 1 run now" in result.stdout
    project.page("a.md", "1 / 0")
    result = docrun("verify")
    assert result.returncode == 1
    assert "docs/a.md:4: ZeroDivisionError" in result.stdout


def test_seeds_finds_a_claim_that_is_tuned_to_one(project, docrun):
    project.page(
        "a.md",
        "import numpy as np\nx = np.random.default_rng(7).normal()\nassert -9 < x < 9",
        "import numpy as np\nx = np.random.default_rng(7).integers(100)\nassert x == 94",
        "print('no seed')",
    )
    result = docrun("seeds", "--count", "3")
    assert "docs/a.md:3: holds at 3 of 3 seeds" in result.stdout
    assert "docs/a.md:9: holds at 0 of 3 seeds" in result.stdout
    assert "2 seeded blocks, 3 seeds each: 1 do not always hold" in result.stdout
    assert result.returncode == 1


LAB = """\
# %% [markdown]
# # Title

# %%
x = 1
"""


def test_labs_are_checked_alone_and_at_other_seeds(project, docrun):
    project.page("a.md", "1 / 0")
    project.write("docs/labs/a.py", LAB)
    result = docrun("labs")
    assert result.returncode == 1, "it asserts nothing"
    assert "docs/labs/a.py:1: a lab asserts what it claims" in result.stdout
    code = "import numpy as np\nx = np.random.default_rng(7).integers(100)\n"
    lab = LAB.replace("x = 1\n", code) + "\n# %%\nassert x == 94\n"
    project.write("docs/labs/a.py", lab)
    result = docrun("seeds", "docs/labs/a.py", "--count", "2")
    assert "docs/labs/a.py:5: holds at 0 of 2 seeds" in result.stdout
