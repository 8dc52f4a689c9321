"""Whatever the site shows as Python is what the tests run, and the other way round."""

import re

import pytest
from markdown import Markdown

from docrun.blocks import find_blocks, find_fences, is_python, lint, sets_environment

GOOD = "```python\nx = 1\n```\n"

NOT_RUN = {
    "py": "```py\nx = 1\n```\n",
    "python3": "```python3\nx = 1\n```\n",
    "pycon": "```pycon\n>>> 1\n```\n",
    "space": "``` python\nx = 1\n```\n",
    "title": '```python title="a.py"\nx = 1\n```\n',
    "lines": '```python hl_lines="1"\nx = 1\n```\n',
    "attributes": "```{.python}\nx = 1\n```\n",
    "spaced attributes": "``` { .python .annotate }\nx = 1\n```\n",
    "dotted": "```.python\nx = 1\n```\n",
    "tildes": "~~~python\nx = 1\n~~~\n",
    "admonition": "!!! note\n\n    ```py\n    x = 1\n    ```\n",
    "collapsed": '??? question "Why?"\n\n    ```python title="a"\n    x = 1\n    ```\n',
    "tab": '=== "Tab"\n\n    ~~~python\n    x = 1\n    ~~~\n',
    "list": "- item\n\n    ```py\n    x = 1\n    ```\n",
    "quote": "> ```py\n> x = 1\n> ```\n",
    "end of file": "```py\nx = 1\n```",
}

RUN = {
    "plain": GOOD,
    "admonition": "!!! note\n\n    ```python\n    x = 1\n    ```\n",
    "collapsed": '??? question "Why?"\n\n    ```python\n    if 1:\n        x = 1\n    ```\n',
    "tab": '=== "Tab"\n\n    ```python\n    x = 1\n    ```\n',
    "list": "- item\n\n    ```python\n    x = 1\n    ```\n",
    "end of file": "```python\nx = 1\n```",
    "other languages": "```text\nx\n```\n\n```bash\nls\n```\n\n```\nplain\n```\n",
    "inside a longer fence": "````markdown\n```python\nx = 1\n```\n````\n",
}


def rendered_python(text: str) -> int:
    """How many code blocks the site's own renderer colours as Python."""
    html = Markdown(
        extensions=[
            "admonition",
            "attr_list",
            "md_in_html",
            "pymdownx.details",
            "pymdownx.highlight",
            "pymdownx.superfences",
            "pymdownx.tabbed",
        ],
        extension_configs={
            "pymdownx.highlight": {"pygments_lang_class": True},
            "pymdownx.tabbed": {"alternate_style": True},
        },
    ).convert(text)
    return sum(map(is_python, re.findall(r'class="language-(\S+)', html)))


@pytest.mark.parametrize(
    "matter", ["", "---\ntopic: cnn\n---\n"], ids=["bare", "front"]
)
@pytest.mark.parametrize("name", NOT_RUN)
def test_shown_and_not_run_is_named_with_page_and_line(name, matter):
    text = f"{matter}# Title\n\n{GOOD}\n{NOT_RUN[name]}"
    line = next(
        n
        for n, content in enumerate(text.split("\n"), start=1)
        if n > len(f"{matter}# Title\n\n{GOOD}".split("\n")) - 1
        and re.search(r"```|~~~", content)
    )
    assert [p.split(": ")[0] for p in lint(text, "docs/a.md")] == [f"docs/a.md:{line}"]
    assert rendered_python(text) == 2, "the site shows both as Python"


@pytest.mark.parametrize("name", RUN)
def test_shown_and_run_is_no_problem(name):
    text = f"# Title\n\n{RUN[name]}"
    assert lint(text, "docs/a.md") == []
    assert rendered_python(text) == len(find_blocks(text, "docs/a.md"))


def test_run_and_not_shown_is_a_problem():
    text = "~~~markdown\n```python\nx = 1\n```\n~~~\n"
    assert lint(text, "a.md") == [
        "a.md:2: this ```python block is run and is not shown as Python."
    ]


@pytest.mark.parametrize(
    "comment",
    [
        "<!--pytest-codeblocks:skip-->",
        "<!--pytest-codeblocks:cont-->",
        "<!--pytest.mark.xfail-->",
        "<!--- pytest-codeblocks:importorskip(jax) --->",
    ],
)
def test_a_block_may_not_be_skipped(comment):
    text = f"{GOOD}\n{comment}\n\n{GOOD}"
    assert any("may not be skipped" in problem for problem in lint(text, "a.md"))


def test_skipping_the_whole_file_is_seen():
    problems = lint(f"<!--pytest-codeblocks:skipfile-->\n{GOOD}", "a.md")
    assert any("is not run" in problem for problem in problems)


def test_a_fence_without_end_is_a_problem():
    assert "cannot read" in lint("```python\nx = 1\n", "a.md")[0]


def test_blocks_know_their_lines_and_lose_their_indent():
    code = "    if 1:\n\n        x = 1\n"  # pytest-codeblocks loses the blank line
    text = f"# T\n\n- item\n\n    ```python\n{code}    ```\n"
    (block,) = find_blocks(text, "a.md")
    assert (block.location, block.code) == ("a.md:5", "if 1:\n\n    x = 1\n")
    (fence,) = find_fences(text)
    assert (fence.line, fence.end, fence.language) == (5, 9, "python")


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.environ['KERAS_BACKEND'] = 'jax'\nimport keras\n",
        "import os, sys\nfrom pathlib import Path\nos.environ |= {'A': 'b'}\n",
        "import os\nx = 1\nos.environ.update(A='b')\n",
        "import os\nos.environ.setdefault('A', 'b')\nimport numpy as np\n",
    ],
)
def test_a_change_of_the_environment_before_the_imports_is_seen(code):
    assert sets_environment(code)


@pytest.mark.parametrize(
    "code",
    [
        "import keras\nimport os\nos.environ['KERAS_BACKEND'] = 'jax'\n",
        "import os, numpy\nos.environ['A'] = 'b'\n",
        "from numpy.linalg import norm\nimport os\nos.environ['A'] = 'b'\n",
        "import os\nprint(os.environ['HOME'])\n",
        "import os\ndef f():\n    os.environ['A'] = 'b'\n",
        "import os\nos.environ['A'] = = 'b'\n",
        "",
    ],
)
def test_a_change_after_the_imports_or_none_at_all_is_not(code):
    assert not sets_environment(code)
