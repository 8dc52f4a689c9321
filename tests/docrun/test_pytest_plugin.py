"""`pytest` reports each block as a test, under the ids of stock pytest-codeblocks."""

import subprocess
import sys

import pytest

STOCK = ["-p", "no:docrun", "--codeblocks"]


@pytest.fixture
def pytest_in(project):
    project.write(
        "pyproject.toml",
        """
        [tool.docrun]
        time_limit = 20

        [tool.pytest.ini_options]
        docrun = true
        """,
    )

    def run_pytest(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "pytest", "-v", *arguments, "docs"]
        return subprocess.run(command, cwd=project.root, capture_output=True, text=True)

    return run_pytest


def test_each_block_is_a_test(project, pytest_in):
    project.page("a.md", "print(1)", "x = 3\nprint('told')\nassert x == 4")
    result = pytest_in()
    assert "docs/a.md::line 3 PASSED" in result.stdout
    assert "docs/a.md::line 7 FAILED" in result.stdout
    for part in ("docs/a.md:10: AssertionError", "assert 3 == 4", "told"):
        assert part in result.stdout
    assert result.returncode == 1


def test_a_block_that_was_run_is_taken_from_its_record(project, pytest_in):
    counter = project.root / "count.txt"
    project.page("a.md", f"open({str(counter)!r}, 'a').write('ran ')\nprint(1)")
    assert pytest_in().returncode == 0
    assert pytest_in().returncode == 0
    assert counter.read_text() == "ran "


def test_a_fence_that_is_not_run_fails_its_page(project, pytest_in):
    project.write("docs/a.md", "# A\n\n```py\nx = 1\n```\n")
    result = pytest_in()
    assert "docs/a.md:3: `" in result.stdout and result.returncode == 1


def test_stock_pytest_codeblocks_finds_the_same_tests(project, pytest_in):
    project.page("a.md", "print(1)", "assert 1 + 1 == 2")
    ours, stock = pytest_in().stdout, pytest_in(*STOCK).stdout
    for test in ("docs/a.md::line 3 PASSED", "docs/a.md::line 7 PASSED"):
        assert test in ours and test in stock


def test_it_is_quiet_where_it_is_not_switched_on(project, pytest_in):
    project.write("pyproject.toml", "[tool.docrun]\n")
    project.page("a.md", "print(1)")
    assert pytest_in().returncode == 5, "no tests collected"
