"""`pytest docs` reports each block as a test, from its record or by running it.

Switched on by `docrun = true` in the ini file. The node ids are those of stock
pytest-codeblocks (`docs/page.md::line 10`).
"""

import pytest

from docrun.blocks import lint, read_blocks
from docrun.records import RecordStore
from docrun.runner import Runner
from docrun.settings import load_settings
from docrun.verify import describe_failure

STATE = pytest.StashKey["Session"]()


class Session:
    """The runner and the records that the blocks of one test session share."""

    def __init__(self, root):
        self.settings = load_settings(root)
        self.store = RecordStore(self.settings)
        self.runner = Runner(self.settings)
        self.futures = {}


def pytest_addoption(parser):
    parser.addini(
        "docrun", "collect the blocks of the pages", type="bool", default=False
    )


def pytest_configure(config):
    if config.getini("docrun"):
        config.stash[STATE] = Session(config.rootpath)


def pytest_unconfigure(config):
    if STATE in config.stash:
        config.stash[STATE].runner.close()


def pytest_collect_file(file_path, parent):
    session = parent.config.stash.get(STATE, None)
    if session is None or file_path.suffix != ".md":
        return None
    if not file_path.is_relative_to(session.settings.docs_dir):
        return None
    return Page.from_parent(parent, path=file_path)


def pytest_collection_finish(session):
    """Start all stale blocks now, so that they run beside the other tests."""
    state = session.config.stash.get(STATE, None)
    if state is None or session.config.option.collectonly:
        return
    blocks = [item.block for item in session.items if isinstance(item, BlockItem)]
    stale = {b.key: b for b in blocks if state.store.fresh(b) is None}
    state.futures = {key: state.runner.submit(block) for key, block in stale.items()}


class Page(pytest.File):
    def collect(self):
        settings = self.config.stash[STATE].settings
        yield PageItem.from_parent(self, name="page")
        try:
            blocks = read_blocks(self.path, settings.root)
        except RuntimeError:
            return  # the page's own item reports it
        for block in blocks:
            yield BlockItem.from_parent(self, name=f"line {block.line}", block=block)


class PageItem(pytest.Item):
    """Whatever the page shows as Python is run."""

    def runtest(self):
        root = self.config.stash[STATE].settings.root
        page = self.path.relative_to(root).as_posix()
        problems = lint(self.path.read_text(encoding="utf-8"), page)
        if problems:
            raise BlockFailure("\n".join(problems))

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, BlockFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, f"{self.path.name}: {self.name}"


class BlockItem(PageItem):
    """One block, which passed when its code last changed or passes now."""

    def __init__(self, *, block, **kwargs):
        super().__init__(**kwargs)
        self.block = block

    def runtest(self):
        state = self.config.stash[STATE]
        future = state.futures.get(self.block.key)
        if future is None:
            return
        record = state.store.save(self.block, future.result())
        if record.error:
            raise BlockFailure(describe_failure(self.block, record))

    def reportinfo(self):
        return self.path, self.block.line, f"{self.path.name}: {self.name}"


class BlockFailure(AssertionError):
    """A block that failed, told in its own words."""
