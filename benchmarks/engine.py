"""What the engine costs, side by side in one run with what one would use instead.

    python benchmarks/engine.py [cold] [loop] [idle] [scale]

Each figure is wall time of whole processes on this machine; trust the ratios.
"""

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from docrun.blocks import read_blocks

ROOT = Path(__file__).parents[1]
BLOCKS_A_PAGE = 3
OURS = """
site_name: bench
theme: {name: material, font: false}
plugins: [docrun]
markdown_extensions: [attr_list, docrun, pymdownx.superfences, pymdownx.highlight]
"""
JUPYTER = """
site_name: bench
theme: {name: material, font: false}
plugins:
  - mkdocs-jupyter: {execute: true, allow_errors: false, include: ["*.ipynb"]}
"""


def timed(command: list[str], cwd: Path) -> float:
    started = time.monotonic()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return time.monotonic() - started


def mkdocs(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mkdocs", *arguments]


def real_pages(count: int) -> list[list[str]]:
    """Blocks of the site's own question pages, evenly spaced, on pages of three."""
    pages = sorted((ROOT / "docs").glob("*/*.md"))
    codes = [block.code for page in pages for block in read_blocks(page, ROOT)]
    total = count * BLOCKS_A_PAGE
    chosen = [codes[n * len(codes) // total] for n in range(total)]
    return [chosen[n : n + BLOCKS_A_PAGE] for n in range(0, total, BLOCKS_A_PAGE)]


def make_project(folder: Path, pages: list[list[str]], config: str = OURS) -> Path:
    """A project whose pages hold the blocks, with the settings of the site."""
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(config)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "docs/index.md").write_text("# Home\n")
    for number, codes in enumerate(pages):
        fences = "\n".join(f"```python\n{code}```\n" for code in codes)
        (folder / f"docs/page{number}.md").write_text(f"# Page {number}\n\n{fences}")
    return folder


def make_notebooks(folder: Path, pages: list[list[str]]) -> Path:
    """The same pages as notebooks without outputs, for mkdocs-jupyter."""
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(JUPYTER)
    (folder / "docs/index.md").write_text("# Home\n")
    for number, codes in enumerate(pages):
        cells = [new_markdown_cell(f"# Page {number}"), *map(new_code_cell, codes)]
        nbformat.write(new_notebook(cells=cells), folder / f"docs/page{number}.ipynb")
    return folder


def cold(folder: Path) -> None:
    print(f"cold build of pages with {BLOCKS_A_PAGE} of the site's own blocks each")
    for count in (4, 8):
        pages = real_pages(count)
        ours = timed(mkdocs("build"), make_project(folder / f"ours{count}", pages))
        notebooks = make_notebooks(folder / f"theirs{count}", pages)
        theirs = timed(mkdocs("build"), notebooks)
        print(f"  {count} pages  docrun {ours:6.1f} s   mkdocs-jupyter ", end="")
        print(f"{theirs:6.1f} s   {theirs / ours:.1f} times as long", flush=True)


def loop(folder: Path) -> None:
    pages = real_pages(4)
    project = make_project(folder / "ours", pages)
    timed(mkdocs("build"), project)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        mkdocs("serve", "-a", address),
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    page, seconds = project / "docs/page0.md", []
    try:
        url = f"http://{address}/page0/"
        wait_for(url, "Page 0")
        text = page.read_text()
        for number in range(6):
            mark = f"edit {number} at {time.time_ns()}"
            changed = text.replace("```python\n", f"```python\nprint('{mark}')\n", 1)
            started = time.monotonic()
            page.write_text(changed)
            wait_for(url, f"<code>{mark}")
            seconds.append(time.monotonic() - started)
    finally:
        server.terminate()
        server.wait()
    notebooks = make_notebooks(folder / "theirs", pages)
    execute = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute"]
    notebook = [
        timed([*execute, str(notebooks / "docs/page0.ipynb")], notebooks)
        for _ in range(3)
    ]
    first, *later = seconds
    ours, theirs = statistics.median(later), statistics.median(notebook)
    print("the author's loop: one changed block, until the page shows its new output")
    print(f"  docrun, first edit of a session {first:6.1f} s   (imports Keras once)")
    print(f"  docrun, median of {len(later)} more edits   {ours:6.1f} s")
    print(f"  the page as a notebook          {theirs:6.1f} s   ", end="")
    print(f"{theirs / ours:.1f} times as long")


def wait_for(url: str, text: str, limit: float = 120) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        try:
            if text in urllib.request.urlopen(url, timeout=10).read().decode():
                return
        except OSError:
            pass
        time.sleep(0.02)
    sys.exit(f"{text!r} did not appear at {url} in {limit} s")


def idle(folder: Path) -> None:
    site = folder / "site"
    timed([sys.executable, "-m", "docrun", "verify"], ROOT)
    plain = folder / "plain"
    shutil.copytree(ROOT / "docs", plain / "docs")
    config = (ROOT / "mkdocs.yml").read_text().replace("  - docrun\n", "")
    (plain / "mkdocs.yml").write_text(config)
    pairs = []
    for _ in range(7):
        with_engine = timed(mkdocs("build", "-q", "-d", str(site)), ROOT)
        without = timed(mkdocs("build", "-q", "-d", str(folder / "other")), plain)
        pairs.append((with_engine, without))
    ratios = [a / b for a, b in pairs]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print("a build of this site with nothing to run, against MkDocs without the engine")
    print(f"  docrun  {ours:6.2f} s")
    print(f"  without {theirs:6.2f} s   ", end="")
    print(
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    )


def scale(folder: Path) -> None:
    print("blocks that print one NumPy sum: cold, then unchanged")
    verify = [sys.executable, "-m", "docrun", "verify"]
    for count in (10, 25, 50, 100, 200):
        codes = [
            f"import numpy as np\n\nprint(np.arange({n}).sum())\nassert {n} >= 0\n"
            for n in range(count)
        ]
        pages = [codes[n : n + 10] for n in range(0, count, 10)]
        project = make_project(folder / f"scale{count}", pages)
        first, again = timed(verify, project), timed(verify, project)
        print(f"  {count:4} blocks  cold {first:6.1f} s   unchanged {again:5.2f} s")


def main() -> None:
    parts = {"cold": cold, "loop": loop, "idle": idle, "scale": scale}
    for name in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](Path(folder))


if __name__ == "__main__":
    main()
