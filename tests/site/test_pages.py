"""What a reader's browser sees, on a desk and on a phone, with and without scripts."""

import gzip
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from docrun.blocks import read_blocks

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
FIRST_VISIT = 130_000  # bytes


def url_of(page: Path) -> str:
    uri = page.relative_to(ROOT / "docs").with_suffix("").as_posix()
    return "" if uri == "index" else uri.removesuffix("index").rstrip("/") + "/"


def name_of(page: Path) -> str:
    return url_of(page) or "home"


@pytest.mark.parametrize("source", PAGES, ids=name_of)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [1280, 375])
def test_a_page_asks_nobody_else_and_fits(visit, source, scripts, width):
    page, troubles = visit(url_of(source), width=width, scripts=scripts)
    assert troubles == []
    wide = (
        page.locator("html").evaluate("root => root.scrollWidth") if scripts else width
    )
    assert wide <= width


@pytest.mark.parametrize("source", PAGES, ids=name_of)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_accessible(visit, source, scheme):
    """No finding of any impact; axe-core also measures the contrast of each text."""
    page, _ = visit(url_of(source), scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.parametrize("source", PAGES, ids=name_of)
def test_a_first_visit_weighs_little(visit, site, site_folder, source):
    """All that is fetched, compressed, and the search index not among it."""
    page, _ = visit(url_of(source))
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    paths = [
        site_folder / url.removeprefix(site) for url in fetched if "data:" not in url
    ]
    paths.append(site_folder / url_of(source) / "index.html")
    assert site_folder / "search/search_index.json" not in paths
    assert sum(len(gzip.compress(path.read_bytes())) for path in paths) < FIRST_VISIT


@pytest.mark.parametrize("source", PAGES, ids=name_of)
def test_without_scripts_all_is_there(visit, source):
    page, _ = visit(url_of(source), scripts=False)
    text = page.locator("article").inner_text()
    assert "\\frac" not in text and "\\sqrt" not in text and "$" not in text
    blocks = read_blocks(source, ROOT)
    if not blocks:
        return
    assert f"{len(blocks)} block" in text
    assert page.locator(".docrun-output").count() > 0
    if "$$" in source.read_text():
        box = page.locator("mfrac, msqrt, msup, msub").first.bounding_box()
        assert box and box["height"] > 0, "math is laid out as math"


@pytest.mark.parametrize("source", PAGES, ids=name_of)
def test_the_code_of_the_page_is_the_code_that_ran(visit, source):
    page, _ = visit(url_of(source))
    shown = page.eval_on_selector_all(
        ".highlight:not(.docrun-source):not(.docrun-text) pre > code",
        """codes => codes.filter(c => c.querySelector('span')
             && !c.closest('.docrun-output, .docrun-source, .doc'))
           .map(c => c.textContent)""",
    )
    ran = [block.code.rstrip() for block in read_blocks(source, ROOT)]
    assert [text.rstrip() for text in shown] == ran


def test_the_copy_button_gives_the_block(browser, site):
    source = ROOT / "docs/transformer/self-attention.md"
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(site + url_of(source))
    block = page.locator(".highlight:not(.docrun-source):not(.docrun-text)").filter(
        has=page.locator("pre > code span")
    )
    block.first.hover()
    block.first.locator("button").first.click()
    page.wait_for_timeout(300)
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied.rstrip() in {b.code.rstrip() for b in read_blocks(source, ROOT)}


def test_an_output_has_a_copy_button_of_its_own(visit):
    page, _ = visit("transformer/self-attention/")
    output = page.locator(".docrun-text").first
    assert output.locator("button").count() == 1


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_a_figure_follows_the_scheme(visit, scheme, dark):
    page, _ = visit("transformer/self-attention/", scheme=scheme)
    figure = page.locator(".docrun-figure svg").first
    assert figure.get_attribute("aria-label")
    colour = figure.locator("text").first.evaluate(
        "node => getComputedStyle(node).fill"
    )
    red = int(colour.removeprefix("rgb(").split(",")[0])
    assert (red > 128) == dark


@pytest.mark.parametrize("source", PAGES, ids=name_of)
def test_the_notebook_downloads(browser, site, source):
    if not read_blocks(source, ROOT):
        return
    page = browser.new_page()
    page.goto(site + url_of(source))
    with page.expect_download() as download:
        page.get_by_text("Notebook", exact=True).click()
    notebook = json.loads(Path(download.value.path()).read_text())
    page.close()
    assert download.value.suggested_filename.endswith(".ipynb")
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    assert code[1:] == [block.code.rstrip("\n") for block in read_blocks(source, ROOT)]


def test_each_claim_of_the_evidence_leads_to_its_heading(visit, site):
    page, _ = visit("reference/evidence/")
    links = page.eval_on_selector_all(
        "td a[href*='#']", "links => links.map(link => link.href)"
    )
    assert links
    for link in links:
        page.goto(link)
        anchor = link.partition("#")[2]
        assert page.locator(f"[id='{anchor}'] + .docrun-claim").count() == 1, link
