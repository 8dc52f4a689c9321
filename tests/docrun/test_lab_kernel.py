"""The code of a cell stands where it stands in the script."""

import ast

import pytest

from docrun.figures import FigureError
from docrun.lab_kernel import Watch


@pytest.fixture
def watch(tmp_path):
    request = {"page": "docs/labs/a.py", "key": "0" * 32, "root": str(tmp_path)}
    return Watch(request | {"text": "\n" * 40})


def test_a_cell_is_moved_to_its_lines_and_its_asserts_explained(watch):
    watch.begin(30)
    tree = watch.visit(ast.parse("x = 3\nassert x == 2, (x,\n x)"))
    code = compile(tree, watch.page, "exec")
    with pytest.raises(AssertionError, match=r"assert 3 == 2") as caught:
        exec(code, {})  # noqa: S102
    assert caught.traceback[-1].lineno + 1 == 31
    ends = {node.end_lineno for node in ast.walk(tree) if hasattr(node, "end_lineno")}
    assert min(ends) >= 30, "an end before the beginning does not compile"


def test_a_figure_without_words_is_the_error_of_the_cell(watch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.close("all")
    figure = pyplot.figure()
    watch.begin(12)
    with pytest.raises(FigureError):
        watch.end()
    assert watch.error["line"] == 12 and watch.error["kind"] == "FigureError"
    figure.set_label("nothing")
    watch.end()
    assert [drawn["alt"] for drawn in watch.drawn[0]] == ["nothing"]
    assert not pyplot.get_fignums()
