"""A page as a notebook: the same words, blocks and outputs, and it runs."""

from dataclasses import replace

import nbformat
import pytest
from nbclient import NotebookClient

from docrun.notebooks import build_notebook
from docrun.records import RecordStore

PAGE = """\
---
topic: cnn
---
# Title

Words with [a link](other.md#there) and [another](https://example.org).

## Claim { #cnn-01 }

```python
import matplotlib.pyplot as plt

print("out")
plt.plot([1, 2])
plt.gcf().set_label("a line")
```

::source lib.f

??? question "Why?"
    Because.

    ```python
    assert 1 + 1 == 2
    ```

    Indeed.

After.
"""


@pytest.fixture
def notebook(project, build):
    project.write("src/lib.py", 'def f(x):\n    """Doc."""\n    return x\n')
    project.write("docs/a.md", PAGE)
    build()
    store = RecordStore(project.settings)
    built = build_notebook(
        PAGE, "docs/a.md", project.settings, store, lambda t: f"https://host/{t}"
    )
    return nbformat.from_dict(built)


def test_it_holds_the_page_in_order(notebook):
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["code", "markdown", "code", "markdown", "code", "markdown"]
    words = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    assert "topic:" not in words and "{ #" not in words and "???" not in words
    assert "**Why?**" in words and "def f(x):" in words and "Indeed.\n\nAfter." in words
    assert "(https://host/other.md#there)" in words and "(https://example.org)" in words


def test_its_outputs_are_those_of_the_record(notebook):
    text, drawing = notebook.cells[2].outputs
    assert text.text == "out\n"
    svg = drawing.data["image/svg+xml"]
    assert "var(--docrun-ink" not in svg and "background: white" in svg
    assert drawing.data["text/plain"] == "a line"


def test_it_runs_from_top_to_bottom_in_a_fresh_kernel(notebook, tmp_path):
    nbformat.validate(notebook)
    done = NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    printed = [
        o.text for cell in done.cells for o in cell.get("outputs", []) if "text" in o
    ]
    assert "out\n" in printed


def test_the_first_cell_installs_what_is_missing_from_its_repository(project):
    project.write("src/library/__init__.py", "")
    settings = replace(project.settings, install="library-dist[extra]")
    store = RecordStore(settings)

    def first_cell(repository):
        built = build_notebook(PAGE, "a.md", settings, store, str, repository)
        return built["cells"][0]["source"]

    project.write("src/lib.py", "def f(x):\n    return x\n")
    address = "https://host.example/owner/library"
    assert f'install -q "library-dist[extra] @ git+{address}"' in first_cell(address)
    assert "%pip" not in first_cell(""), "a bare name may be somebody else's package"
    assert 'find_spec("library") is None' in first_cell("")
