"""The ledger of claims, and which blocks of the pages stand under which claim."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from docrun.blocks import Block, find_blocks, find_fences

VERDICTS = {
    "true": "holds as notes say it",
    "imprecise": "right, but notes leave out what matters",
    "outdated": "was right once",
    "contested": "the literature disagrees",
    "wrong": "notes have it wrong",
}
DECIDED = {
    "run": "shown by an experiment",
    "derived": "computed exactly",
    "cited": "from the literature",
}
COLUMNS = ["id", "verdict", "decided", "page", "claim"]
HEADING = re.compile(
    r"(?P<hashes>#{1,6})\s+(?P<title>.+?)\s*(?:\{(?P<attrs>[^}]*)\})?\s*$"
)
SOURCE_LINK = re.compile(r"\]\(https?://")


class LedgerError(ValueError):
    """A ledger that cannot be read."""


@dataclass(frozen=True)
class Claim:
    """One row of the ledger.

    Attributes:
        verdict: of the statement as notes have it, one of `VERDICTS`.
        decided: by a run, derived (exact, by construction) or cited (literature).
        page: the page it stands on, relative to the folder of the documents.
    """

    id: str
    verdict: str
    decided: str
    page: str
    claim: str


def read_ledger(path: Path) -> dict[str, Claim]:
    """The claims by id, in the order of the file; none where there is no file.

    Raises:
        LedgerError: naming the line, what was expected and what came.
    """
    if not path.is_file():
        return {}
    claims: dict[str, Claim] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise LedgerError(
                f"{path}:1: expected the columns {COLUMNS}. "
                f"Received: {reader.fieldnames}"
            )
        for row in reader:
            where = f"{path}:{reader.line_num}"
            if None in row.values() or None in row:
                raise LedgerError(f"{where}: expected {len(COLUMNS)} fields")
            claim = Claim(**row)
            for name, allowed in [("verdict", VERDICTS), ("decided", DECIDED)]:
                if getattr(claim, name) not in allowed:
                    raise LedgerError(
                        f"{where}: {name} must be one of {', '.join(allowed)}. "
                        f"Received: {getattr(claim, name)!r}"
                    )
            if claim.id in claims:
                raise LedgerError(f"{where}: {claim.id} stands in the ledger twice")
            claims[claim.id] = claim
    return claims


@dataclass(frozen=True)
class Section:
    """A heading of a page and what stands under it, down to the next of its rank."""

    id: str
    title: str
    line: int
    blocks: tuple[Block, ...]
    cites: bool


def find_sections(text: str, page: str) -> list[Section]:
    """The headings of a page that have an id of their own, with their blocks."""
    lines = text.split("\n")
    fenced = {n for f in find_fences(text) for n in range(f.line, f.end + 1)}
    headings = []
    for number, line in enumerate(lines, start=1):
        match = HEADING.match(line) if number not in fenced else None
        if match:
            headings.append((number, len(match["hashes"]), match))
    blocks = find_blocks(text, page)
    sections = []
    for index, (line, rank, match) in enumerate(headings):
        identifier = re.search(r"#([\w-]+)", match["attrs"] or "")
        if identifier is None:
            continue
        after = (n for n, other, _ in headings[index + 1 :] if other <= rank)
        end = next(after, len(lines) + 1)
        body = "\n".join(lines[line : end - 1])
        inside = tuple(block for block in blocks if line < block.line < end)
        cites = bool(SOURCE_LINK.search(body))
        sections.append(Section(identifier[1], match["title"], line, inside, cites))
    return sections


def check_claims(
    ledger: dict[str, Claim], pages: Iterable[tuple[str, str]], folder: str
) -> list[str]:
    """What does not hold between the ledger and the pages: a line for each.

    A claim of the ledger stands under a heading with its id, on its page and nowhere
    else; one that is run or derived has a block with an assert, a cited one a link.

    Args:
        pages: pairs of a page's path relative to the folder of documents and its text.
        folder: the folder of documents, as it is to be named in the messages.
    """
    problems = []
    placed: dict[str, list[tuple[str, Section]]] = {}
    families = {identifier.partition("-")[0] for identifier in ledger}
    for page, text in pages:
        for section in find_sections(text, page):
            family, dash, number = section.id.partition("-")
            if section.id in ledger:
                placed.setdefault(section.id, []).append((page, section))
            elif family in families and dash and number.isdigit():
                problems.append(
                    f"{folder}/{page}:{section.line}: {section.id} is not in the ledger"
                )
    for claim in ledger.values():
        places = placed.get(claim.id, [])
        if [page for page, _ in places] != [claim.page]:
            found = ", ".join(f"{folder}/{p}:{s.line}" for p, s in places) or "no page"
            problems.append(
                f"{claim.id} must stand once, on {folder}/{claim.page}. Found on {found}"
            )
            continue
        page, section = places[0]
        where = f"{folder}/{page}:{section.line}: {claim.id}"
        if claim.decided == "cited":
            if not section.cites:
                problems.append(f"{where} cites no source")
        elif not any(_asserts(block) for block in section.blocks):
            problems.append(f"{where} has no block that asserts it")
    return problems


def _asserts(block: Block) -> bool:
    return bool(re.search(r"^\s*assert\b", block.code, flags=re.MULTILINE))
