"""The house stays as it was drawn: who knows whom, and what lies beside what."""

import ast
import importlib
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from docrun.blocks import read_blocks

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
MODULES = sorted(
    path for path in SOURCE.rglob("*.py") if path.name not in ("__init__.py",)
)
FAULTS = sorted((ROOT / "tests/docs/faults").glob("*.toml"))
# A topic imports only topics before it.
MAY_IMPORT = {
    "ensembles": set(),
    "datasets": set(),
    "fundamentals": set(),
    "cnn": {"fundamentals"},
    "rnn": {"fundamentals"},
    "transformer": {"fundamentals", "cnn", "rnn"},
    "generative": {"fundamentals", "cnn", "rnn", "transformer"},
    "scenarios": {
        *("ensembles", "datasets", "fundamentals", "cnn", "rnn"),
        *("transformer", "generative"),
    },
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}: relative import"
            names.add(node.module)
    return names


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_each_module_has_its_test(module):
    test = ROOT / "tests" / module.relative_to(SOURCE).parent
    assert (test / f"test_{module.stem.strip('_')}.py").is_file()


@pytest.mark.parametrize("module", sorted(SOURCE.rglob("*.py")), ids=relative)
def test_imports_point_backwards(module):
    package, *rest = module.relative_to(SOURCE).parts
    for name in imported(module):
        top, *inner = name.split(".")
        if top not in ("whiteboard", "docrun"):
            continue
        assert top == package, "whiteboard and docrun do not know each other"
        if top == "whiteboard" and inner and len(rest) > 1 and inner[0] != rest[0]:
            assert inner[0] in MAY_IMPORT[rest[0]]


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_short_and_has_a_name(module):
    assert len(module.read_text().splitlines()) <= 300
    assert module.stem not in ("utils", "helpers", "misc", "common")


EXPORTS = sorted((SOURCE / "whiteboard").rglob("__init__.pyi"))


@pytest.mark.parametrize("stub", EXPORTS, ids=relative)
def test_a_name_is_imported_when_it_is_used(stub):
    """So an edit of one module re-runs only the blocks that use it, not its topic's."""
    package = importlib.import_module(f"whiteboard.{stub.parent.name}")
    modules = {path.stem for path in stub.parent.glob("[!_]*.py")}
    imports = ast.parse(stub.read_text()).body
    assert {node.module for node in imports} == modules
    names = {alias.name for node in imports for alias in node.names}
    assert sorted(names) == package.__all__ and not names & modules
    assert all(hasattr(package, name) for name in names)


def test_one_name_does_not_bring_its_whole_topic():
    code = "import sys, whiteboard.ensembles as e; e.find_split; print(*sys.modules)"
    run = [sys.executable, "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert "whiteboard.ensembles.structure_score" in loaded
    assert "keras" not in loaded.split() and "random_forest" not in loaded


@pytest.mark.parametrize("faults", FAULTS, ids=lambda path: path.stem)
def test_each_fault_fits_one_place(faults):
    """Known in a second, where running the faults takes minutes."""
    for fault in tomllib.loads(faults.read_text())["fault"]:
        source = (ROOT / fault["file"]).read_text()
        assert source.count(fault["old"]) == 1, fault["name"]


def test_each_page_stands_in_the_navigation():
    loader = yaml.SafeLoader
    for tag in ("!ENV", "tag:yaml.org,2002:python/name:"):
        loader.add_multi_constructor(tag, lambda loader, suffix, node: None)
    config = yaml.load((ROOT / "mkdocs.yml").read_text(), Loader=loader)

    def leaves(node):
        if isinstance(node, str):
            return [node]
        children = node.values() if isinstance(node, dict) else node
        return [leaf for child in children for leaf in leaves(child)]

    labs = (ROOT / "docs/labs").glob("*.py")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (*PAGES, *labs)]
    assert sorted(leaves(config["nav"])) == sorted(pages)


@pytest.mark.parametrize("topic", MAY_IMPORT)
def test_each_package_has_its_page_of_the_api(topic):
    page = ROOT / f"docs/reference/api/{topic}.md"
    directives = {f"::uses whiteboard.{topic}", f"::: whiteboard.{topic}"}
    assert directives <= set(page.read_text().splitlines())


# Made from the other pages when the site is built.
LISTS = {
    *("corrections.md", "evidence.md"),
    *("questions-by-level.md", "questions-by-tag.md", "questions-by-time.md"),
}
QUESTIONS = [
    page
    for page in PAGES
    if page.parent.parent == ROOT / "docs" and page.name not in {"index.md", *LISTS}
]
SECTIONS = [
    "Say it in 30 seconds",
    "On the whiteboard",
    "Evidence",
    "What people get wrong",
    "Follow-ups",
    "Sources",
]


@pytest.mark.parametrize("page", QUESTIONS, ids=relative)
def test_a_question_page_has_its_matter_and_its_parts_in_order(page):
    _, matter, body = page.read_text().split("---\n", 2)
    assert set(yaml.safe_load(matter)) == {
        "topic",
        "level",
        "minutes",
        "tags",
        "papers",
    }
    assert yaml.safe_load(matter)["topic"] == page.parent.name
    found = [line[3:].strip() for line in body.split("\n") if line.startswith("## ")]
    assert [name for name in found if name in SECTIONS] == found
    assert found == sorted(found, key=SECTIONS.index)
    assert {"Say it in 30 seconds", "Evidence", "Sources"} <= set(found)


@pytest.mark.parametrize("index", ["index.md", "{topic}/index.md"])
@pytest.mark.parametrize("page", QUESTIONS, ids=relative)
def test_a_question_is_listed_as_it_is_asked(page, index):
    """On the home page and in its topic: with its own title and minutes."""
    _, matter, body = page.read_text().split("---\n", 2)
    title = next(line[2:] for line in body.split("\n") if line.startswith("# "))
    listed = ROOT / "docs" / index.format(topic=page.parent.name)
    target = page.relative_to(listed.parent).as_posix()
    minutes = yaml.safe_load(matter)["minutes"]
    assert f"[{title}]({target}) | {minutes} |" in listed.read_text()


@pytest.mark.parametrize("page", QUESTIONS, ids=relative)
def test_thirty_seconds_are_thirty_seconds(page):
    said = page.read_text().split("## Say it in 30 seconds\n")[1].split("\n## ")[0]
    words = len(said.split())
    assert 50 <= words <= 90, f"{words} words; one speaks about 150 a minute"


@pytest.mark.parametrize("page", QUESTIONS, ids=relative)
def test_a_block_fits_its_column(page):
    """As wide as the code of the repository: nobody scrolls to read a claim's code."""
    for block in read_blocks(page, ROOT):
        for number, line in enumerate(block.code.split("\n"), start=1):
            assert len(line) <= 88, f"{block.location}, line {number}: {line}"


def test_the_package_installs_alone(tmp_path):
    """The wheel holds the library and nothing of the engine."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", tmp_path]
    subprocess.run([*command, ROOT], check=True, capture_output=True)
    subprocess.run([*command, ROOT / "src/docrun"], check=True, capture_output=True)
    tops = {}
    for wheel in tmp_path.glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()
        code = {name for name in names if name.endswith(".py")}
        tops[wheel.name.split("-")[0]] = {Path(name).parts[0] for name in code}
        assert all("/./" not in name for name in names)
    assert tops == {"whiteboard_keras": {"whiteboard"}, "docrun": {"docrun"}}
