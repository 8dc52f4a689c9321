"""MkDocs runs what is stale before it builds; a failure stops it, except in `serve`."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

CONFIG = """\
site_name: Small
site_url: https://host.example/docs/
use_directory_urls: true
plugins: [docrun]
markdown_extensions: [attr_list, docrun, pymdownx.superfences, pymdownx.highlight]
"""
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


@pytest.fixture
def mkdocs(project):
    project.write("mkdocs.yml", CONFIG)
    project.write("docs/index.md", "# Home\n")

    def call(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", *arguments],
            cwd=project.root,
            capture_output=True,
            text=True,
            env={**ENVIRONMENT, "PYTHONPATH": str(project.root / "src")},
        )

    return call


def test_a_build_shows_what_it_ran(project, mkdocs):
    project.page("a.md", "print(6 * 7)")
    first = mkdocs("build", "--strict")
    assert first.returncode == 0, first.stderr
    assert "[1/1] docs/a.md:3 passed" in first.stderr
    html = (project.root / "site/a/index.html").read_text()
    assert ">42" in html and "1 block ran" in html
    assert "1 blocks, 0 run now" in mkdocs("build", "--strict").stderr


def test_a_dirty_build_renders_what_ran_anew_and_nothing_else(project, mkdocs):
    project.write("src/lib.py", "ANSWER = 42\n")
    project.page("a.md", "import lib\nprint(lib.ANSWER)")
    project.page("b.md", "print('other')")
    assert mkdocs("build").returncode == 0
    other = project.root / "site/b/index.html"
    before = other.stat().st_mtime_ns
    project.write("src/lib.py", "ANSWER = 54\n")
    assert mkdocs("build", "--dirty").returncode == 0
    assert ">54" in (project.root / "site/a/index.html").read_text()
    assert other.stat().st_mtime_ns == before


def test_it_builds_from_any_folder(project, mkdocs, tmp_path_factory):
    project.page("a.md", "print(6 * 7)")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-f", project.root / "mkdocs.yml"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert ">42" in (project.root / "site/a/index.html").read_text()


def test_a_failing_block_stops_the_build_and_is_told(project, mkdocs):
    project.page("a.md", "print('so far')\nrate = 0.5\nassert rate > 0.9")
    result = mkdocs("build", "--strict")
    assert result.returncode != 0
    for part in (
        "docs/a.md:6: AssertionError",
        "assert rate > 0.9",
        "assert 0.5 > 0.9",
        "so far",
    ):
        assert part in result.stderr
    assert not (project.root / "site").exists(), "nothing half-built is left"


def test_a_fence_that_is_not_run_stops_the_build(project, mkdocs):
    project.write("docs/a.md", "# A\n\n```py\nx = 1\n```\n")
    result = mkdocs("build")
    assert result.returncode != 0 and "docs/a.md:3: `" in result.stderr


def test_without_the_extension_it_refuses(project, mkdocs):
    project.write("mkdocs.yml", CONFIG.replace("docrun, pymdownx", "pymdownx"))
    result = mkdocs("build")
    assert result.returncode != 0
    assert "add `docrun` to markdown_extensions" in result.stderr


def test_each_page_with_blocks_has_its_notebook(project, mkdocs):
    project.write(
        "docs/deep/a.md", "# A\n\n[B](../b.md#x)\n\n```python\nprint(1)\n```\n"
    )
    project.write("docs/b.md", "# B\n\n## X { #x }\n")
    result = mkdocs("build", "--strict")
    assert result.returncode == 0, result.stderr
    notebook = nbformat.read(project.root / "site/deep/a/a.ipynb", as_version=4)
    words = notebook.cells[1].source
    assert "(https://host.example/docs/b/#x)" in words
    html = (project.root / "site/deep/a/index.html").read_text()
    assert '<a href="a.ipynb" download>Notebook</a>' in html and "colab" not in html
    assert not list((project.root / "site/b").glob("*.ipynb"))


def test_a_repository_on_github_gives_a_colab_link(project, mkdocs):
    project.write("mkdocs.yml", CONFIG + "repo_url: https://github.com/owner/name\n")
    project.page("a.md", "print(1)")
    mkdocs("build")
    html = (project.root / "site/a/index.html").read_text()
    assert "colab.research.google.com/github/owner/name/blob/gh-pages/a/a.ipynb" in html


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, pattern: str, seconds: float = 40) -> str:
    deadline = time.monotonic() + seconds
    html = ""
    while time.monotonic() < deadline:
        try:
            html = urllib.request.urlopen(url, timeout=5).read().decode()
        except OSError:
            html = ""
        if re.search(pattern, html):
            return html
        time.sleep(0.1)
    raise AssertionError(f"{pattern} never came. The page: {html[-2000:]}")


def test_serve_shows_a_failure_and_the_next_good_edit_clears_it(project, mkdocs):
    page = project.page("a.md", "print('first')")
    port = free_port()
    command = [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        command,
        cwd=project.root,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/docs/a/"
        wait_for(url, ">first")
        good = page.read_text()
        page.write_text(good.replace("print('first')", "assert 1 == 2"))
        html = wait_for(url, "AssertionError at line 4")
        assert ">first" not in html
        page.write_text(good.replace("first", "second"))
        html = wait_for(url, ">second")
        assert "docrun-failure" not in html
    finally:
        server.terminate()
        assert server.wait(timeout=20) is not None


def test_without_the_plugin_a_strict_build_stops_at_what_was_not_run(project, mkdocs):
    project.write("mkdocs.yml", CONFIG.replace("[docrun]", "[]"))
    project.page("a.md", "print(1)")
    result = mkdocs("build", "--strict")
    assert result.returncode != 0 and "has not been run" in result.stderr
