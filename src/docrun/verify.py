"""Check every page and run what is stale: the step before a build, and the test of it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from pathlib import Path

from docrun.blocks import Block, lint, read_blocks
from docrun.claims import LedgerError, check_claims, read_ledger
from docrun.records import Record, RecordStore
from docrun.runner import Runner
from docrun.settings import Settings


@dataclass
class Report:
    """What a verification found; `pages` are those of which a block ran."""

    blocks: int = 0
    ran: int = 0
    noun: str = "blocks"
    seconds: float = 0.0
    pages: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    failures: list[tuple[Block, Record]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.problems and not self.failures

    def __str__(self) -> str:
        if self.problems:
            return "\n".join(
                [*self.problems, f"{len(self.problems)} to mend, none run"]
            )
        counts = (
            f"{self.blocks} {self.noun}, {self.ran} run now, "
            f"{self.blocks - self.ran} from their records, {self.seconds:.1f} s"
        )
        failed = [
            f"{b.page}:{r.error['line']} {r.error['kind']}" for b, r in self.failures
        ]
        return f"{counts}: {'FAILED ' + ', '.join(failed) if failed else 'all hold'}"


def describe_failure(block: Block, record: Record) -> str:
    """Where it failed, how, and what it had printed: all that one needs to mend it."""
    error = record.error
    parts = [
        f"{block.page}:{error['line']}: {error['kind']}: block at {block.location}"
    ]
    parts.append(error["traceback"])
    if record.text.strip():
        parts.append(f"printed before it failed:\n{record.text.rstrip()}")
    if record.stderr.strip():
        parts.append(f"stderr:\n{record.stderr.rstrip()}")
    return "\n" + "\n".join(parts) + "\n"


def check_pages(settings: Settings, pages: Sequence[Path]) -> list[str]:
    """What is wrong with the pages before any block runs."""
    texts = [(page, page.read_text(encoding="utf-8")) for page in pages]
    problems = []
    for page, text in texts:
        problems += lint(text, page.relative_to(settings.root).as_posix())
    try:
        ledger = read_ledger(settings.root / settings.claims)
    except LedgerError as error:
        return [*problems, str(error)]
    if problems:
        return problems
    named = [(p.relative_to(settings.docs_dir).as_posix(), text) for p, text in texts]
    return check_claims(ledger, named, settings.docs)


def verify(
    settings: Settings,
    runner: Runner,
    progress: Callable[[str], None] = print,
) -> Report:
    """Check all pages, then run each block that has no fresh record and keep the run.

    No block runs while a page shows what would not run, or a claim has lost its block.

    Args:
        progress: receives a line as each block ends.
    """
    started = time.monotonic()
    pages = settings.pages()
    report = Report(problems=check_pages(settings, pages))
    if report.problems:
        return report
    store = RecordStore(settings)
    blocks = [block for page in pages for block in read_blocks(page, settings.root)]
    report.blocks = len(blocks)
    stale = {block.key: block for block in blocks if store.fresh(block) is None}
    report.pages = {block.page for block in blocks if block.key in stale}
    futures = {runner.submit(block): block for block in stale.values()}
    for future in as_completed(futures):
        block = futures[future]
        record = store.save(block, future.result())
        report.ran += 1
        state = "passed" if record.error is None else record.error["kind"]
        count = f"[{report.ran:>{len(str(len(stale)))}}/{len(stale)}]"
        progress(f"{count} {block.location} {state} {record.seconds:.1f} s")
        if record.error:
            report.failures.append((block, record))
            progress(describe_failure(block, record))
    report.failures.sort(key=lambda failure: (failure[0].page, failure[0].line))
    report.seconds = time.monotonic() - started
    return report
