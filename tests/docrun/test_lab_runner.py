"""What of a cell's output is published, and that no kernel outlives its runner."""

import time
from pathlib import Path

import pytest

from docrun.lab_runner import LabRunner, pieces, published, unfit
from docrun.labs import read_lab

TABLE = '<style scoped>\n th {}\n</style>\n<table border="1" class="dataframe"></table>'


def shown(**data):
    kinds = {"html": "text/html", "plain": "text/plain", "png": "image/png"}
    found = {kinds[name]: value for name, value in data.items()}
    return {"output_type": "execute_result", "data": found}


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_progress_and_colours_are_not_published():
    bar = "\x1b[1m1/2\x1b[0m 3s\b\b\b\b\r\x1b[1m2/2\x1b[0m 5s\n"
    assert published(f"before\n{bar}\x1b[31mred\x1b[0m\r\nafter\n") == (
        "before\nred\nafter\n"
    )


def test_pieces_of_a_cell_stay_in_their_order():
    found = pieces(
        [stream("a"), stream("b\n"), shown(html=TABLE, plain="t"), stream("c")]
    )
    assert [piece["text"] for piece in found] == ["ab\n", "t\n", "c"]
    assert found[1]["html"] == '<table class="dataframe"></table>'


def test_other_markup_is_shown_as_its_text():
    assert pieces([shown(html="<table><script>x</script></table>", plain="p")]) == [
        {"text": "p\n"}
    ]
    assert pieces([shown(html="<b>x</b>", plain="p")]) == [{"text": "p\n"}]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (stream("at 0x7f2c3d4e5f60"), None),
        (shown(plain="0.5"), None),
        (shown(plain="<Line2D at 0x7f2c3d4e5f60>"), "is another in each run"),
        (shown(png="...", plain="<Figure>"), "without a text alternative"),
    ],
)
def test_what_no_page_can_show(output, expected):
    problem = unfit(output)
    assert problem is None if expected is None else expected in problem


def test_leaving_ends_the_kernel(project):
    path = project.write(
        "docs/labs/a.py",
        f"""
        # %% [markdown]
        # # Title

        # %%
        import os, time
        open("{project.root}/pid", "w").write(str(os.getpid()))
        time.sleep(200)
        assert True
        """,
    )
    pid = project.root / "pid"
    with LabRunner(project.settings, 1, print) as runner:
        future = runner.submit(read_lab(path, project.root))
        deadline = time.monotonic() + 60
        while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert future.result()["error"]["kind"] == "KernelDied"
    assert not Path(f"/proc/{pid.read_text()}").exists()
