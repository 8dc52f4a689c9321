"""A Python-Markdown extension that puts each block's output under it.

It also writes the line at the top of a page, marks each claim with its verdict, shows
the source of a definition where a page says `::source package.name`, lists the claims
where it says `::evidence`, and turns TeX into MathML. It runs no block: what it shows
are the records, looked up by the very code that stands on the page.
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
from docrun.claims import Claim, read_ledger
from docrun.records import RecordStore
from docrun.settings import Settings, load_settings
from docrun.source import SOURCE_DIRECTIVE, find_definition

# Below MkDocs' own logger, so that a strict build stops at a warning.
log = logging.getLogger("mkdocs.docrun")
EVIDENCE = re.compile(r"::evidence\s*$")
DISPLAY_MATH = re.compile(r"(?P<indent>[> \t]*)\$\$(?P<tex>.*?)\$\$[ \t]*$")
TITLE = re.compile(r"#\s+\S")
FUNCTION = re.compile(
    r"(?<!<msub>)(?<!<msup>)"
    r"(<mi>(?:log|ln|exp|sin|cos|tanh?)</mi>)(?=<m(?!o[ >]))"
)
VERDICT_MEANING = {
    "true": "holds as notes say it",
    "imprecise": "right, but notes leave out what matters",
    "outdated": "was right once",
    "contested": "the literature disagrees",
    "wrong": "notes have it wrong",
}
DECIDED_MEANING = {
    "run": "shown by an experiment",
    "derived": "computed exactly",
    "cited": "from the literature",
}


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
        blocks = {block.line: block for block in find_blocks(text, "")}
        if not blocks:
            return lines
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
            source = SOURCE_DIRECTIVE.match(line)
            if source:
                result += self._source(source["name"], source["indent"])
            elif EVIDENCE.match(line):
                result += evidence_table(self.extension.ledger)
            else:
                result.append(line)
        return result

    def _source(self, name: str, indent: str) -> list[str]:
        settings = self.extension.settings
        root = settings.root
        found = find_definition(name, root / settings.source)
        place = found.path.relative_to(root).as_posix()
        title = f"{place}, lines {found.start} to {found.end}"
        fence = [f'``` {{ .python .docrun-source title="{title}" }}']
        body = [*fence, *found.code.split("\n"), "```"]
        return ["", *(indent + line for line in body), ""]


def evidence_table(ledger: dict[str, Claim]) -> list[str]:
    """The ledger as Markdown, with the counts at its top and a link to each claim."""
    counts = {
        verdict: sum(claim.verdict == verdict for claim in ledger.values())
        for verdict in VERDICT_MEANING
    }
    shown = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n)
    decided = ", ".join(
        f"{n} {how}"
        for how in DECIDED_MEANING
        if (n := sum(claim.decided == how for claim in ledger.values()))
    )
    lines = [f"**{len(ledger)} claims placed**: {shown}. How decided: {decided}.", ""]
    lines += ["| claim | as notes have it | verdict | decided |", "|---|---|---|---|"]
    for claim in ledger.values():
        statement = claim.claim.replace("|", "\\|")
        lines.append(
            f"| [{claim.id}](/{claim.page}#{claim.id}) | {statement} "
            f"| {_mark(claim.verdict)} | {claim.decided} |"
        )
    return ["", *lines, ""]


def _mark(verdict: str) -> str:
    return f'<span class="docrun-verdict docrun-verdict--{verdict}">{verdict}</span>'


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
    mark.tail = f" {VERDICT_MEANING[claim.verdict]}, {DECIDED_MEANING[claim.decided]} "
    code = etree.SubElement(line, "span", {"class": "docrun-id"})
    code.text = claim.id
    return line


def math(tex: str, display: str) -> str:
    """TeX as MathML, which a browser renders without a script."""
    markup = convert(tex, display=display)
    markup = FUNCTION.sub(r'\1<mspace width="0.17em" />', markup)  # log D, not logD
    alt = tex.strip().replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return markup.replace("<math ", f'<math alttext="{alt}" ', 1)


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
