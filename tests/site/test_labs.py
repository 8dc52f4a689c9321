"""A lab in a browser: a page like the others, with its script and its notebook."""

import gzip
import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from docrun.labs import read_lab

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "docs/labs").glob("*.py"))
each_lab = pytest.mark.parametrize("source", LABS, ids=lambda path: path.stem)
WEIGHT = 60_000  # bytes of a page, compressed, without its figures


def url_of(source: Path) -> str:
    return f"labs/{source.stem}/"


@each_lab
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [1280, 375])
def test_it_asks_nobody_else_and_fits(visit, source, scripts, width):
    page, troubles = visit(url_of(source), width=width, scripts=scripts)
    assert troubles == []
    text = page.locator("article").inner_text()
    assert "every assert holds" in text
    assert "$" not in text and "\\frac" not in text and "::lab" not in text
    assert not re.search(r"In ?\[\d*\]|Out ?\[\d*\]|\x1b|0x[0-9a-f]{8}", text)
    if scripts:
        wide = page.locator("html").evaluate("root => root.scrollWidth")
        assert wide <= width


@each_lab
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(visit, source, scheme):
    page, _ = visit(url_of(source), scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@each_lab
def test_its_code_is_the_code_that_ran(visit, source):
    page, _ = visit(url_of(source))
    shown = page.eval_on_selector_all(
        ".docrun-lab pre > code", "codes => codes.map(code => code.textContent)"
    )
    ran = [cell.source for cell in read_lab(source, ROOT).code]
    assert [text.rstrip() for text in shown] == ran
    buttons = page.locator(".docrun-lab button")
    assert buttons.count() == len(ran), "each cell can be copied"


@each_lab
@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_its_figures_have_words_and_follow_the_scheme(visit, source, scheme, dark):
    page, _ = visit(url_of(source), scheme=scheme)
    figures = page.locator("article svg[role=img]")
    assert figures.count() > 0
    for number in range(figures.count()):
        assert len(figures.nth(number).get_attribute("aria-label")) > 20
    colour = figures.first.locator("text").first.evaluate(
        "node => getComputedStyle(node).fill"
    )
    red = int(colour.removeprefix("rgb(").split(",")[0])
    assert (red > 128) == dark


@each_lab
def test_its_headings_are_in_the_table_of_contents(visit, source):
    page, _ = visit(url_of(source))
    headings = page.eval_on_selector_all(
        "article h2", "headings => headings.map(heading => heading.id)"
    )
    links = page.eval_on_selector_all(
        ".md-nav--secondary a", "links => links.map(link => link.hash.slice(1))"
    )
    assert headings and set(headings) <= set(links)


@each_lab
@pytest.mark.parametrize("name", ["Notebook", "Script"])
def test_it_downloads(browser, site, source, name):
    page = browser.new_page()
    page.goto(site + url_of(source))
    with page.expect_download() as download:
        page.get_by_text(name, exact=True).click()
    text = Path(download.value.path()).read_text()
    page.close()
    if name == "Script":
        assert text == source.read_text()
        return
    cells = json.loads(text)["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert "find_spec" in "".join(code[0]["source"]), "the first cell installs"
    ran = [cell.source for cell in read_lab(source, ROOT).code]
    assert ["".join(cell["source"]) for cell in code[1:]] == ran
    assert any(cell["outputs"] for cell in code)


@each_lab
def test_it_weighs_no_more_than_a_page(site_folder, source):
    html = (site_folder / url_of(source) / "index.html").read_text()
    words = re.sub(r"<svg role=.*?</svg>", "", html, flags=re.DOTALL)
    assert len(gzip.compress(words.encode())) < WEIGHT
