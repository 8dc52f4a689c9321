"""A published notebook runs from top to bottom in a fresh kernel."""

import nbformat
from nbclient import NotebookClient


def test_the_notebook_of_a_page_runs(site_folder, tmp_path):
    page = site_folder / "transformer/self-attention/self-attention.ipynb"
    notebook = nbformat.read(page, as_version=4)
    assert any(cell.get("outputs") for cell in notebook.cells), "it has outputs"
    client = NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    )
    done = client.execute()
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
