"""Pages that are made of the others: all claims, the corrections, the questions."""

import ast
import collections
import functools
import itertools
import re
from pathlib import Path
from typing import NamedTuple

from mkdocs.utils.meta import get_data

from docrun.blocks import find_blocks
from docrun.claims import DECIDED, VERDICTS, Claim, find_sections
from docrun.settings import Settings
from docrun.source import find_definition

PAGE_LINK = re.compile(r"\]\(([\w-]+\.md)\)")
INDEX_LINK = re.compile(r"\[([^]]+)\]\((\w+/index\.md)\)")


class Question(NamedTuple):
    """A page that answers one question, as its front matter describes it."""

    minutes: int
    level: int
    title: str
    page: str


def counts(ledger: dict[str, Claim]) -> list[str]:
    """How many claims there are, of each verdict, and how they were decided."""
    verdicts = collections.Counter(claim.verdict for claim in ledger.values())
    decided = collections.Counter(claim.decided for claim in ledger.values())
    parts = (
        ", ".join(f"{found[name]} {name}" for name in names if found[name])
        for found, names in [(verdicts, VERDICTS), (decided, DECIDED)]
    )
    shown, how = parts
    return ["", f"**{len(ledger)} claims placed**: {shown}. How decided: {how}.", ""]


def evidence_table(ledger: dict[str, Claim]) -> list[str]:
    """The ledger as Markdown, with the counts at its top and a link to each claim."""
    lines = counts(ledger)
    lines += ["| claim | as notes have it | verdict | decided |", "|---|---|---|---|"]
    for claim in ledger.values():
        statement = claim.claim.replace("|", "\\|")
        lines.append(
            f"| [{claim.id}](/{claim.page}#{claim.id}) | {statement} "
            f"| {_mark(claim.verdict)} | {claim.decided} |"
        )
    return ["", *lines, ""]


def corrections(ledger: dict[str, Claim], folder: Path) -> list[str]:
    """The claims that do not hold as notes have them, and what holds, by verdict.

    Args:
        folder: the folder of documents. What holds is the heading of the claim there.
    """
    titles = {
        section.id: section.title
        for page in {claim.page for claim in ledger.values()}
        for section in find_sections((folder / page).read_text("utf-8"), page)
    }
    lines = []
    for verdict, meaning in VERDICTS.items():
        claims = [claim for claim in ledger.values() if claim.verdict == verdict]
        if verdict == "true" or not claims:
            continue
        lines += [f"## {verdict.capitalize()}: {meaning}", ""]
        lines += ["| notes say | what holds |", "|---|---|"]
        for claim in claims:
            said = claim.claim.replace("|", "\\|")
            holds = titles[claim.id].replace("|", "\\|")
            lines.append(f"| {said} | [{holds}](/{claim.page}#{claim.id}) |")
        lines.append("")
    return ["", *lines]


def usage_table(package: str, settings: Settings) -> list[str]:
    """The names of a package that blocks import, and the pages where they do."""
    pages = collections.defaultdict(set)
    for question in find_questions(settings):
        text = (settings.docs_dir / question.page).read_text("utf-8")
        for module, name in _imports(text):
            if module == package:
                pages[name].add((question.page, question.title))
    lines = ["| name | on the pages |", "|---|---|"]
    for name in sorted(pages, key=str.lower):
        links = "; ".join(f"[{title}](/{page})" for page, title in sorted(pages[name]))
        shown = f"`{name}`"
        if not name.isupper():  # a constant has no docstring, and so no entry
            found = find_definition(
                f"{package}.{name}", settings.root / settings.source
            )
            shown = f"[{shown}](#{found.owner})"
        lines.append(f"| {shown} | {links} |")
    return ["", *lines, ""]


@functools.lru_cache(maxsize=1024)
def _imports(text: str) -> set[tuple[str, str]]:
    """Module and name of each `from module import name` in the blocks of a page."""
    return {
        (node.module, alias.name)
        for block in find_blocks(text, "")
        for node in ast.walk(ast.parse(block.code))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def find_questions(settings: Settings) -> list[Question]:
    """The pages that say how many minutes they take, the shortest first."""
    questions = []
    for path in settings.pages():
        body, matter = get_data(path.read_text("utf-8"))
        if "minutes" in matter:
            title = re.search(r"^# (.+)$", body, flags=re.MULTILINE)[1]
            page = path.relative_to(settings.docs_dir).as_posix()
            questions.append(Question(matter["minutes"], matter["level"], title, page))
    return sorted(questions)


def topic_cards(questions: list[Question], folder: Path) -> list[str]:
    """The topics, each with its number of questions and their minutes, as a grid.

    Args:
        folder: the folder of documents. The topics stand in the order of its front page.
    """
    front = (folder / "index.md").read_text("utf-8")
    lines = []
    for name, page in dict.fromkeys(INDEX_LINK.findall(front)):
        topic = page.removesuffix("index.md")
        minutes = [each.minutes for each in questions if each.page.startswith(topic)]
        if minutes:
            noun = "question" if len(minutes) == 1 else "questions"
            count = f"{len(minutes)} {noun}, {sum(minutes)} minutes"
            lines.append(f"- [{name}](/{page}) {count}")
    return ["", '<div class="docrun-topics" markdown>', "", *lines, "", "</div>", ""]


def topic_sheet(topic: str, ledger: dict[str, Claim], folder: Path) -> list[str]:
    """What the pages of a topic come to, in the order in which its front page lists them:
    the first section of each, and its claims in a line each.

    Args:
        folder: the folder of documents.
    """
    front = (folder / topic / "index.md").read_text("utf-8")
    lines = []
    for name in dict.fromkeys(PAGE_LINK.findall(front)):
        page = f"{topic}/{name}"
        text = (folder / page).read_text("utf-8")
        title = re.search(r"^# (.+)$", text, flags=re.MULTILINE)[1]
        opening = re.search(
            r"^## [^\n]+\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
        )
        lines += [f"### [{title}]({name}) {{ data-search-exclude }}", ""]
        lines += [opening[1].strip() if opening else "", ""]
        for section in find_sections(text, page):
            if section.id in ledger:
                lines.append(f"- [{section.title}]({name}#{section.id})")
        lines.append("")
    return ["", *lines]


def question_tables(questions: list[Question], by: str) -> list[str]:
    """The pages by the `minutes` that they take, in steps of five, or by `level`."""

    def heading(question: Question) -> str:
        if by == "level":
            return f"Level {question.level}"
        return f"In {-(-question.minutes // 5) * 5} minutes"

    lines = []
    ordered = sorted(questions, key=lambda question: getattr(question, by))
    for title, group in itertools.groupby(ordered, heading):
        lines += [f"## {title}", "", "| question | minutes | level |", "|---|---|---|"]
        for minutes, level, question, page in sorted(group):
            lines.append(f"| [{question}](/{page}) | {minutes} | {level} |")
        lines.append("")
    return ["", *lines]


def _mark(verdict: str) -> str:
    return f'<span class="docrun-verdict docrun-verdict--{verdict}">{verdict}</span>'
