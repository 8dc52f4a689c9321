"""Each block runs alone, as `__main__`, under the page's own lines, and says how it fared."""

import pytest

LEAKS = {
    "registered class": (
        "import builtins; builtins.left = 1",
        "import builtins; assert not hasattr(builtins, 'left')",
    ),
    "seed": (
        "import random; random.seed(1); print(random.random())",
        "import random; print(random.random())",
    ),
    "environment": (
        "import os; left = os.environ; left['LEFT'] = '1'",  # not seen: in a fork
        "import os; assert 'LEFT' not in os.environ",
    ),
    "working directory": (
        "open('left.txt', 'w').write('x')",
        "import os; assert os.listdir('.') == []",
    ),
    "temporary folder": (
        "import tempfile, os; open(os.path.join(tempfile.gettempdir(), 'left'), 'w')",
        "import tempfile, os; assert 'left' not in os.listdir(tempfile.gettempdir())",
    ),
    "matplotlib setting": (
        "import matplotlib as m; m.rcParams['lines.linewidth'] = 77",
        "import matplotlib as m; assert m.rcParams['lines.linewidth'] != 77",
    ),
    "open figure": (
        "import matplotlib.pyplot as p; p.figure().set_label('a figure')",
        "import matplotlib.pyplot as p; assert p.get_fignums() == []",
    ),
    "module state": (
        "import json; json.left = 1",
        "import json; assert not hasattr(json, 'left')",
    ),
    "name": ("left = 1", "assert 'left' not in globals()"),
    "recursion limit": (
        "import sys; sys.setrecursionlimit(77777)",
        "import sys; assert sys.getrecursionlimit() != 77777",
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_leaks_from_one_block_to_the_next(name, run):
    first, second, again = run(*LEAKS[name], LEAKS[name][1])
    assert first["error"] is None
    assert second["error"] is None and again["error"] is None
    if name == "seed":
        texts = {r["printed"][0]["text"] for r in (first, second, again)}
        assert len(texts) == 3, "each process has a random state of its own"


def test_a_block_is_main_and_its_source_can_be_read(run):
    (result,) = run(
        """\
        import inspect, pickle
        class Point: pass
        def double(x):
            return 2 * x
        assert pickle.loads(pickle.dumps(Point())).__class__ is Point
        print(__name__, inspect.getsource(double))
        if __name__ == "__main__":
            print("main ran")
        """
    )
    assert result["error"] is None
    text = result["printed"][0]["text"]
    assert text == "__main__ def double(x):\n    return 2 * x\n\nmain ran\n"


def test_a_failure_names_its_line_and_shows_its_source(run):
    (result,) = run(
        """\
        def divide(a, b):
            return a / b
        print("before")
        divide(1, 0)
        """
    )
    error = result["error"]
    assert (error["kind"], error["line"]) == ("ZeroDivisionError", 12)
    assert 'File "docs/page.md", line 14, in <module>' in error["traceback"]
    assert "return a / b" in error["traceback"]
    assert "execution.py" not in error["traceback"]
    assert result["printed"] == [{"text": "before\n"}]


def test_a_bare_assert_shows_the_values_compared(run):
    (result,) = run("loss = [3.0, 2.5]\nassert loss[-1] + 1 < 1\n")
    assert "assert (2.5 + 1) < 1" in result["error"]["message"]
    assert result["error"]["line"] == 12


def test_a_syntax_error_has_its_line(run):
    (result,) = run("x = 1\ny = = 2\n")
    assert (result["error"]["kind"], result["error"]["line"]) == ("SyntaxError", 12)


def test_a_missing_module_is_reported_without_the_engine_in_its_traceback(run):
    (result,) = run("import no_such_module\n")
    assert result["error"]["kind"] == "ModuleNotFoundError"
    assert "docrun" not in result["error"]["traceback"]


def test_text_of_every_origin_is_captured_in_order(run):
    (result,) = run(
        """\
        import os, subprocess, sys
        print("python")
        os.write(1, b"descriptor\\n")
        subprocess.run(["echo", "child"], check=True)
        sys.stdout.write("stream")
        """
    )
    assert result["printed"] == [{"text": "python\ndescriptor\nchild\nstream"}]


def test_a_printed_table_keeps_its_place_and_its_html(run):
    (result,) = run(
        """\
        import pandas as pd
        print("before")
        print(pd.DataFrame({"loss": [0.5]}))
        print("after")
        """
    )
    first, table, last = result["printed"]
    assert (first["text"], last["text"]) == ("before\n", "after\n")
    assert "<table" in table["html"] and "0.5" in table["text"]


def test_a_figure_without_a_text_alternative_fails(run):
    bare, labelled = run(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
        "plt.gcf().set_label('a line that rises')\n",
    )
    assert "no text alternative" in bare["error"]["message"]
    assert labelled["figures"][0]["alt"] == "a line that rises"
    assert labelled["figures"][0]["svg"].startswith("<svg")
