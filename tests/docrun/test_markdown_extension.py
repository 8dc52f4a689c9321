"""Rendering: outputs under their blocks, verdicts, source, math."""

import re

import pytest

from docrun.markdown_extension import math


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_the_output_stands_under_its_block(project, build, render):
    page = project.page("a.md", "print(2 * 21)", "print('second')")
    build()
    html = render(page.read_text())
    places = [html.index(part) for part in ("21", ">42", "second", ">second")]
    assert places == sorted(places)
    assert "2 blocks ran" in html
    assert html.index("<h1") < html.index("docrun-summary")


@pytest.mark.parametrize(
    "container",
    [
        "!!! note\n\n{}",
        '??? question "Why?"\n\n{}',
        '=== "Tab"\n\n{}',
        "- item\n\n{}\n- next",
        "1. one\n\n{}\n2. two",
    ],
)
def test_the_output_stays_inside_its_container(project, build, render, container):
    fence = "    ```python\n    x = 6\n\n    print(x * 7)\n    ```\n"
    page = project.write("docs/a.md", "# A\n\n" + container.replace("{}", fence))
    assert build().passed
    html = render(page.read_text())
    assert html.count("docrun-output") == 1
    assert "<p><div" not in html and "wzxhzdk" not in html
    end = {"!": "</div>", "?": "</details>", "=": "</div>"}.get(container[0], "</li>")
    after = html[html.index("docrun-output") :]
    assert end in after
    if container[0] in "-1":
        assert after.index("</li>") < after.index(container.split()[-1])


def test_no_page_shows_the_output_of_other_code(project, build, render, caplog):
    page = project.page("a.md", "print('old')")
    build()
    edited = page.read_text().replace("'old'", "'new'")
    html = render(edited)
    assert "This block has not been run." in html
    assert ">old" not in html
    assert caplog.records[0].name.startswith("mkdocs."), "a strict build stops at it"


def test_a_record_of_an_older_module_is_not_shown(project, build, render):
    project.write("src/module.py", "X = 'old value'\n")
    page = project.page("a.md", "import module\nprint(module.X)")
    build()
    assert "old value" in render(page.read_text())
    project.write("src/module.py", "X = 'new value'\n")
    html = render(page.read_text())
    assert "old value" not in html and "has not been run" in html


def test_a_failure_is_shown_and_the_next_good_edit_clears_it(project, build, render):
    page = project.page("a.md", "x = 1\nassert x == 2")
    build()
    assert "AssertionError at line 5" in render(page.read_text())
    page.write_text(page.read_text().replace("== 2", "== 1"))
    build()
    assert "docrun-failure" not in render(page.read_text())


def test_a_claim_has_its_verdict_under_its_heading(project, render):
    row = "cnn-01,wrong,derived,a.md,Pooling is invariance."
    project.write("docs/claims.csv", f"id,verdict,decided,page,claim\n{row}\n")
    html = render("# A\n\n### It is not { #cnn-01 }\n\nWords.\n\n### Other { #x }\n")
    assert html.count("docrun-claim") == 1
    assert re.search(r'id="cnn-01".*?</h3>\s*<p class="docrun-claim">', html, re.DOTALL)
    assert "docrun-verdict--wrong" in html
    assert "wrong notes have it wrong, computed exactly cnn-01" in text_of(html)


def test_source_is_shown_from_the_source(project, render):
    project.write("src/lib.py", 'def f(x):\n    """Doc."""\n    return x + 40\n')
    html = render("# A\n\n::source lib.f\n\nAfter.\n")
    assert "return x + 40" in text_of(html) and "Doc." not in html
    assert "src/lib.py, lines 1 to 3" in html
    assert "docrun-source" in html and "<p>After.</p>" in html


def test_math_is_mathml_and_needs_no_script(render):
    html = render("Inline $\\sqrt{d_k}$ and\n\n$$\n\\frac{a}{b} < c\n$$\n\nEnd.\n")
    assert html.count("<math") == 2 and "<msqrt>" in html and "<mfrac>" in html
    assert "$" not in text_of(html)
    assert 'display="block"' in html and "<p>End.</p>" in html


def test_what_is_no_math_stays(render):
    html = render("It costs $5 and then $6.\n\n`$x$` and\n\n```text\n$$ y $$\n```\n")
    assert "<math" not in html and "$5 and then $6." in html


def test_a_shown_source_leads_to_its_api(project, render):
    project.write("pyproject.toml", '[tool.docrun]\napi = "api"\n')
    project.write("src/lib/cell.py", "class Cell:\n    def call(self):\n        pass\n")
    html = render("# A\n\n::source lib.cell.Cell.call\n")
    assert 'class="docrun-api" href="/api/cell.md#lib.cell.Cell"' in html


@pytest.mark.parametrize(
    ("tex", "spaces"),
    [("\\log D(x)", 1), ("\\log 2", 1), ("\\log(x)", 0), ("\\log_2(x)", 0)],
)
def test_a_named_function_stands_apart_from_its_argument(tex, spaces):
    assert math(tex, "inline").count("<mspace") == spaces


def test_a_fence_in_a_shown_source_is_no_block(project, render):
    project.write("src/lib.py", 'def f():\n    return "```python"\n')
    assert "```python" in text_of(render("# A\n\n::source lib.f\n"))
