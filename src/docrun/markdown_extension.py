"""A Python-Markdown extension that puts each block's output under it.

It also writes the line at the top of a page, marks each claim with its verdict, and turns
TeX into MathML. Where a page says `::source package.name` it shows a definition; where it
says `::counts`, `::evidence`, `::corrections`, `::questions minutes`, `::questions level`,
`::topics`, `::sheet topic` or `::uses package`, a list made of the other pages (`docrun.lists`). It runs no block:
what it shows are the records, looked up by the very code that stands on the page.
"""

import functools
import logging
import re
import xml.etree.ElementTree as etree
from pathlib import Path

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from docrun import html
from docrun.blocks import find_blocks, find_fences
from docrun.claims import DECIDED, VERDICTS, Claim, read_ledger
from docrun.lists import (
    corrections,
    counts,
    evidence_table,
    find_questions,
    question_tables,
    topic_cards,
    topic_sheet,
    usage_table,
)
from docrun.records import LabRecord, RecordStore
from docrun.settings import Settings, load_settings
from docrun.source import SOURCE_DIRECTIVE, find_definition

# Below MkDocs' own logger, so that a strict build stops at a warning.
log = logging.getLogger("mkdocs.docrun")
LIST = re.compile(
    r"::(?P<what>counts|evidence|corrections|questions|sheet|topics|uses)(\s+(?P<of>[\w.]+))?\s*$"
)
DISPLAY_MATH = re.compile(r"(?P<indent>[> \t]*)\$\$(?P<tex>.*?)\$\$[ \t]*$")
TITLE = re.compile(r"#\s+\S")
# Written by `lab_pages`: the line of a lab's run, or what its cell of that number left.
LAB = re.compile(r"::lab (?P<key>[0-9a-f]{32})(?: (?P<cell>\d+))?$")
FUNCTION = re.compile(
    r"(?<!<msub>)(?<!<msup>)"
    r"(<mi>(?:log|ln|exp|sin|cos|tanh?)</mi>)(?=<m(?!o[ >]))"
)


class DocrunExtension(Extension):
    """Options: `root`, a folder inside the project (default: the current one)."""

    def __init__(self, **kwargs):
        self.config = {"root": [".", "a folder inside the project"]}
        super().__init__(**kwargs)

    # Read when a page is rendered: MkDocs makes an instance before it knows the root.
    @functools.cached_property
    def settings(self) -> Settings:
        return load_settings(Path(self.getConfig("root")))

    @functools.cached_property
    def ledger(self) -> dict[str, Claim]:
        return read_ledger(self.settings.root / self.settings.claims)

    def extendMarkdown(self, md: Markdown) -> None:
        # After snippets (32) and normalising (30), before fences are rendered (25).
        md.preprocessors.register(_Outputs(md, self), "docrun_outputs", 28)
        md.preprocessors.register(_Directives(md, self), "docrun_directives", 27)
        md.preprocessors.register(_DisplayMath(md), "docrun_math", 24)
        # Before backslash escapes (180), after code spans (190).
        pattern = r"(?<![\\$])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?![\d$])"
        md.inlinePatterns.register(_InlineMath(pattern, md), "docrun_math", 185)
        # After attribute lists (8) and the table of contents (5) have given ids.
        md.treeprocessors.register(_Verdicts(md, self), "docrun_verdicts", 4)


class _Outputs(Preprocessor):
    def __init__(self, md: Markdown, extension: DocrunExtension):
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines) + "\n"
        if "```python" not in text:  # as in thousands of docstrings
            return lines
        blocks = {block.line: block for block in find_blocks(text, "")}
        store = RecordStore(self.extension.settings)
        fences = {fence.line: fence for fence in find_fences(text)}
        records, after = [], {}
        for line, block in blocks.items():
            if line not in fences:
                continue
            record = store.load(block)
            if record and not record.error and not store.is_current(record):
                record = None
            if record:
                records.append(record)
            if record is None:
                log.warning("a block that has not been run:\n%s", block.code)
            shown = html.output(record) if record else html.not_run()
            after[fences[line].end] = (lines[line - 1], shown)
        result = []
        title_seen = False
        for number, line in enumerate(lines, start=1):
            result.append(line)
            if not title_seen and TITLE.match(line):
                title_seen = True
                result += ["", self._stash(html.summary(records, len(after))), ""]
            if number in after:
                opening, shown = after[number]
                indent = re.match(r"[> \t]*", opening)[0]
                if shown:
                    result += [indent.rstrip(), indent + self._stash(shown), ""]
        return result

    def _stash(self, markup: str) -> str:
        return self.md.htmlStash.store(markup)


class _Directives(Preprocessor):
    def __init__(self, md: Markdown, extension: DocrunExtension):
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        result = []
        for line in lines:
            source, listed = SOURCE_DIRECTIVE.match(line), LIST.match(line)
            lab = LAB.match(line)
            if source:
                result += self._source(source["name"], source["indent"])
            elif lab:
                result += self._lab(lab["key"], lab["cell"])
            elif listed:
                result += self._list(listed["what"], listed["of"])
            else:
                result.append(line)
        return result

    def _list(self, what: str, of: str | None) -> list[str]:
        settings, ledger = self.extension.settings, self.extension.ledger
        if what == "uses":
            return usage_table(of, settings)
        if what == "questions":
            return question_tables(find_questions(settings), of)
        if what == "sheet":
            return topic_sheet(of, ledger, settings.docs_dir)
        if what == "topics":
            return topic_cards(find_questions(settings), settings.docs_dir)
        if what == "corrections":
            return corrections(ledger, settings.docs_dir)
        return counts(ledger) if what == "counts" else evidence_table(ledger)

    def _lab(self, key: str, cell: str | None) -> list[str]:
        store = RecordStore(self.extension.settings, LabRecord)
        record = store.find(key)
        if record and not record.error and not store.is_current(record):
            record = None
        if cell is None:
            shown = html.lab_summary(record) if record else html.not_run("lab")
            if record is None:
                log.warning("a lab that has not been run")
        else:
            output = record.output(int(cell)) if record else None
            shown = html.output(output) if output else ""
        return ["", self.md.htmlStash.store(shown), ""] if shown else [""]

    def _source(self, name: str, indent: str) -> list[str]:
        settings = self.extension.settings
        root = settings.root
        found = find_definition(name, root / settings.source)
        place = found.path.relative_to(root).as_posix()
        title = f"{place}, lines {found.start} to {found.end}"
        fence = [f'``` {{ .python .docrun-source title="{title}" }}']
        body = [*fence, *found.code.split("\n"), "```"]
        if settings.api and not found.owner.rpartition(".")[2].startswith("_"):
            package = found.owner.split(".")[1]
            link = f"/{settings.api}/{package}.md#{found.owner}"
            body += ["", f"[API of `{name}`]({link}){{ .docrun-api }}"]
        return ["", *(indent + line for line in body), ""]


class _Verdicts(Treeprocessor):
    def __init__(self, md: Markdown, extension: DocrunExtension):
        super().__init__(md)
        self.extension = extension

    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for index, heading in reversed(list(enumerate(parent))):
                claim = self.extension.ledger.get(heading.get("id", ""))
                if claim and re.fullmatch(r"h[1-6]", heading.tag):
                    parent.insert(index + 1, _claim_line(claim))


def _claim_line(claim: Claim) -> etree.Element:
    line = etree.Element("p", {"class": "docrun-claim"})
    verdict = f"docrun-verdict docrun-verdict--{claim.verdict}"
    mark = etree.SubElement(line, "span", {"class": verdict})
    mark.text = claim.verdict
    mark.tail = f" {VERDICTS[claim.verdict]}, {DECIDED[claim.decided]} "
    code = etree.SubElement(line, "span", {"class": "docrun-id"})
    code.text = claim.id
    return line


def math(tex: str, display: str) -> str:
    """TeX as MathML, which a browser renders without a script."""
    markup = convert(tex, display=display)
    return FUNCTION.sub(r'\1<mspace width="0.17em" />', markup)  # log D, not logD


class _InlineMath(InlineProcessor):
    def handleMatch(self, match, data):
        placeholder = self.md.htmlStash.store(math(match[1], "inline"))
        return AtomicString(placeholder), match.start(0), match.end(0)


class _DisplayMath(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        pattern = re.compile(DISPLAY_MATH.pattern, re.MULTILINE | re.DOTALL)

        def replace(match: re.Match) -> str:
            markup = math(match["tex"], "block")
            stashed = self.md.htmlStash.store(
                f'<div class="docrun-math" tabindex="0">{markup}</div>'
            )
            return f"\n{match['indent']}{stashed}\n"

        return pattern.sub(replace, text).split("\n")


def makeExtension(**kwargs):  # the name Python-Markdown looks for
    return DocrunExtension(**kwargs)
