"""A lab is a page of the site: its words, its code, what that left, its downloads."""

import subprocess
import sys

import nbformat
import pytest

from docrun.lab_pages import lab_markdown, lab_notebook
from docrun.labs import read_lab
from docrun.records import LabRecord, RecordStore

CONFIG = """\
site_name: Small
site_url: https://host.example/docs/
plugins:
  - docrun
  - mkdocs-jupyter:
      include: [labs/*.py]
      ignore: ["*.md"]
      include_source: true
      cache: false
markdown_extensions: [attr_list, docrun, pymdownx.superfences, pymdownx.highlight]
validation: {links: {anchors: warn, not_found: warn}}
"""
LAB = """\
# %% [markdown]
# # Title
#
# Words, $x^2$, [home](../index.md#x) and [a lab](b.py).
#
# !!! note
#     Mind.
#
# ## Part { #part }

# %%
text = "```\\n<b>&"
print(text)

# %% [markdown]
# After.

# %%
assert text
"""
FIGURE = {"svg": '<svg style="x"></svg>', "alt": 'a "line"'}


@pytest.fixture
def lab(project):
    path = project.write("docs/labs/a.py", LAB)
    return read_lab(path, project.root)


@pytest.fixture
def save(project, lab):
    """Keep a run of the lab without running it."""

    def save_run(error=None) -> LabRecord:
        cells = [
            {"printed": [{"text": "```\n<b>&\n"}], "figures": [FIGURE]},
            {"printed": [], "figures": []},
        ]
        result = {"error": error, "printed": [], "stderr": "", "figures": []}
        result |= {"seconds": 1.5, "files": {}, "versions": {"python": "3"}}
        result["versions"]["python"] = sys.version.split()[0]
        result["cells"] = cells
        return RecordStore(project.settings, LabRecord).save(lab.block, result)

    return save_run


@pytest.fixture
def mkdocs(project):
    project.write("mkdocs.yml", CONFIG)
    project.write("docs/index.md", "# Home\n\n## X { #x }\n\n[A](labs/a.py#part)\n")
    project.write("docs/labs/b.py", LAB.replace("[a lab](b.py)", "more").rstrip())

    def call(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", *arguments],
            cwd=project.root,
            capture_output=True,
            text=True,
        )

    return call


def test_it_is_rendered_as_a_page(lab, save, render):
    save()
    html = render(lab_markdown(lab))
    order = [
        "<h1",
        "Ran from top to bottom, and every assert holds",
        "<math",
        'class="admonition note"',
        'id="part"',
        "docrun-lab",
        "docrun-output",
        "```\n&lt;b&gt;&amp;",
        'aria-label="a &quot;line&quot;"',
        "After.",
        '<span class="k">assert',
    ]
    places = [html.find(part) for part in order]
    assert -1 not in places and places == sorted(places)
    assert html.count("docrun-output") == 1, "the second cell left nothing"
    assert "::lab" not in html and "1.5 s" in html


def test_a_failure_stands_under_its_cell(lab, save, render):
    save({"kind": "ValueError", "message": "m", "line": 19, "traceback": "Trace"})
    html = render(lab_markdown(lab))
    assert "Failed at line 19" in html
    assert html.index("ValueError at line 19") > html.index("After.")


def test_what_was_not_run_is_said(lab, render, caplog):
    html = render(lab_markdown(lab))
    assert "This lab has not been run" in html
    assert "has not been run" in caplog.text


def test_its_notebook_has_the_outputs_and_installs(project, lab, save):
    record = save()
    built = lab_notebook(
        lab, record, project.settings, lambda target: f"https://host/{target}"
    )
    notebook = nbformat.from_dict(built)
    nbformat.validate(notebook)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["code", "markdown", "code", "markdown", "code"]
    assert "find_spec" in notebook.cells[0].source
    words = notebook.cells[1].source
    assert "(https://host/../index.md#x)" in words and "{ #part }" not in words
    printed, drawn = notebook.cells[2].outputs
    assert printed.text == "```\n<b>&\n"
    assert drawn.data["text/plain"] == 'a "line"'
    assert not notebook.cells[4].outputs


def test_the_site_has_page_script_and_notebook(project, mkdocs, lab, save):
    """The words of the two labs differ, their code does not: one run is enough."""
    save()
    built = mkdocs("build", "--strict")
    assert built.returncode == 0, built.stderr
    assert "2 labs, 0 run now" in built.stderr
    folder = project.root / "site/labs/a"
    html = (folder / "index.html").read_text()
    assert '<a href="a.ipynb" download>Notebook</a>' in html
    assert '<a href="a.py" download>Script</a>' in html
    assert 'href="../../#x"' in html and 'href="../b/"' in html
    assert "<style" not in html.partition("<h1")[2], "no styles of mkdocs-jupyter"
    assert (folder / "a.py").read_text() == LAB
    notebook = nbformat.read(folder / "a.ipynb", as_version=4)
    assert "(https://host.example/docs/labs/b/)" in notebook.cells[1].source
    assert 'href="labs/a/#part"' in (project.root / "site/index.html").read_text()

    project.write("docs/labs/a.py", LAB.replace("#x)", "#gone)"))
    broken = mkdocs("build", "--strict")
    assert broken.returncode != 0 and "#gone" in broken.stderr


def test_a_failing_lab_stops_the_build(project, mkdocs):
    project.write("docs/labs/a.py", LAB.replace("assert text", "assert not text"))
    project.write("docs/labs/b.py", LAB.replace("assert text", "assert not text"))
    built = mkdocs("build")
    assert built.returncode != 0
    assert "docs/labs/a.py:19: AssertionError" in built.stderr
    assert not (project.root / "site").exists()


def test_without_mkdocs_jupyter_it_refuses(project, mkdocs):
    start, end = CONFIG.index("  - mkdocs-jupyter"), CONFIG.index("markdown_ext")
    project.write("mkdocs.yml", CONFIG[:start] + CONFIG[end:])
    built = mkdocs("build")
    assert built.returncode != 0 and "add `mkdocs-jupyter` to plugins" in built.stderr
