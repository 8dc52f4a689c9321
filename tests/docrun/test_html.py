"""What a record looks like on a page."""

import dataclasses

import pytest

from docrun import html
from docrun.records import Record

RECORD = Record(
    code="x = 1\n",
    backend="jax",
    error=None,
    printed=[],
    stderr="",
    figures=[],
    seconds=0.25,
    files={},
    versions={"python": "3.11.7", "keras": "3.15.1", "jax": "0.10.2"},
)


def record(**changes) -> Record:
    return dataclasses.replace(RECORD, **changes)


def test_a_block_without_output_shows_nothing():
    assert html.output(record(printed=[{"text": "\n"}])) == ""


def test_a_page_is_without_the_marks_that_give_no_colour():
    code = '<span class="k">def</span><span class="w"> </span><span class="nf">f</span>'
    code += '<span class="p">(</span><span class="n">x</span><span class="p">):</span>'
    kept = '<span class="k">def</span> <span class="nf">f</span>(x):'
    assert html.lean(f"<code>{code}</code>") == f"<code>{kept}</code>"


@pytest.mark.parametrize("kind", ["", "docrun-source ", "docrun-lab "])
def test_code_is_kept_out_of_the_search(kind):
    code = f'<div class="{kind}highlight"'
    assert html.lean(f"{code}>x</div>") == f"{code} data-search-exclude>x</div>"


def test_text_is_escaped_and_kept_out_of_the_search():
    shown = html.output(record(printed=[{"text": "<b> & \n"}]))
    assert "&lt;b&gt; &amp;" in shown and "data-search-exclude" in shown


@pytest.mark.parametrize(
    ("lines", "folded"), [(html.FOLD, False), (html.FOLD + 1, True)]
)
def test_long_output_is_folded(lines, folded):
    shown = html.output(record(printed=[{"text": "line\n" * lines}]))
    assert ("<details" in shown) == folded
    assert (f"Output, {lines} lines" in shown) == folded


def test_a_table_is_a_table_between_its_texts():
    pieces = [{"text": "a"}, {"text": "t", "html": "<table></table>"}, {"text": "b"}]
    shown = html.output(record(printed=pieces))
    assert shown.index(">a") < shown.index("<table>") < shown.index(">b")


def test_a_figure_has_its_text_alternative():
    figure = {"svg": '<svg viewBox="0 0 1 1"></svg>', "alt": 'loss "falls" & stays'}
    shown = html.output(record(figures=[figure]))
    label = 'aria-label="loss &quot;falls&quot; &amp; stays"'
    assert f'<svg role="img" {label} viewBox' in shown


def test_a_failure_is_shown_with_its_traceback():
    error = {"kind": "ValueError", "line": 7, "traceback": "x < 1", "message": "m"}
    shown = html.output(record(error=error))
    assert "ValueError at line 7" in shown and "x &lt; 1" in shown


def test_the_summary_counts_and_names_versions():
    two = [record(), record(seconds=1.0)]
    assert "2 blocks ran" in html.summary(two, 2)
    assert "Python 3.11.7, Keras 3.15.1, JAX 0.10.2. 1.2 s." in html.summary(two, 2)


def test_the_summary_names_each_backend_that_was_loaded():
    versions = {"python": "3.11.7", "keras": "3.15.1", "tensorflow": "2.21.0"}
    other = record(backend="tensorflow", versions=versions)
    without = record(backend="torch", versions={"python": "3.11.7"})
    shown = html.summary([record(), other, without], 3)
    assert "Keras 3.15.1, JAX 0.10.2, TensorFlow 2.21.0. 0.8 s." in shown


def test_the_summary_does_not_round_up_what_failed():
    failed = record(error={"kind": "E"})
    assert "1 of 2 blocks ran and hold" in html.summary([record(), failed], 2)
    assert "none of them run" in html.summary([], 2)
