"""The thin end: MkDocs verifies before it builds, and offers each page as a notebook.

mkdocs-jupyter makes a page of each lab and ships its script. Here the page gets the run
of the lab, and the site's own Markdown renders it: mkdocs-jupyter's own rendering brings
574 kB of styles a page and knows no link to a `.md`, no math without a script.
"""

import json
import logging
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from docrun.html import SUMMARY_END, lean
from docrun.lab_pages import lab_markdown, lab_notebook
from docrun.labs import lab_paths, read_lab, verify_labs
from docrun.notebooks import build_notebook
from docrun.records import LabRecord, RecordError, RecordStore
from docrun.runner import Runner, RunnerError
from docrun.settings import load_settings
from docrun.verify import verify

COLAB = "https://colab.research.google.com/github"
log = logging.getLogger("mkdocs.plugins.docrun")


class DocrunPlugin(BasePlugin):
    """Runs what is stale before each build; a failure stops it, except in `serve`.

    It has no options: all settings stand in `[tool.docrun]`.
    """

    def on_startup(self, *, command, dirty):
        self.serving = command == "serve"
        self.runner = None

    def on_config(self, config):
        self.settings = load_settings(Path(config.config_file_path))
        self.store = RecordStore(self.settings)
        self.pages: dict = {}
        self.labs: dict = {}
        self.ran: set[str] = set()
        if "docrun" not in config.markdown_extensions:
            raise PluginError(
                "docrun: add `docrun` to markdown_extensions in mkdocs.yml"
            )
        if lab_paths(self.settings) and "mkdocs-jupyter" not in config.plugins:
            raise PluginError("docrun: add `mkdocs-jupyter` to plugins in mkdocs.yml")
        config.mdx_configs["docrun"] = {"root": str(self.settings.root)}
        return config

    def on_pre_build(self, *, config):
        if self.runner is None:
            self.runner = Runner(self.settings)
        try:
            self._check(verify(self.settings, self.runner, log.info))
            if lab_paths(self.settings):
                # The author's loop does not wait minutes for each change of a module.
                labs = verify_labs(self.settings, log.info, rerun=not self.serving)
                self._check(labs)
        except (RecordError, RunnerError) as error:
            self.runner.close()
            raise PluginError(str(error)) from error

    def _check(self, report):
        self.ran |= report.pages
        if report.passed:
            log.info("%s", report)
        elif self.serving:
            log.error("%s", report)
        else:
            self.runner.close()
            raise PluginError(str(report))

    def on_serve(self, server, *, config, builder):
        source = self.settings.root / self.settings.source
        if source.is_dir():
            server.watch(str(source))
        self.runner.start()  # the author's first edit finds it ready
        return server

    def on_env(self, env, *, config, files):
        env.trim_blocks = env.lstrip_blocks = True  # the theme's indents are many
        return env

    def on_shutdown(self):
        if self.runner is not None:
            self.runner.close()

    def on_files(self, files, *, config):
        for path in lab_paths(self.settings):
            lab = read_lab(path, self.settings.root)
            self.labs[path.relative_to(self.settings.docs_dir).as_posix()] = lab
        for file in files.documentation_pages():
            if f"{self.settings.docs}/{file.src_uri}" in self.ran:
                # `--dirty` renders what is missing: this page's outputs are new.
                Path(file.abs_dest_path).unlink(missing_ok=True)
        return files

    @event_priority(-50)  # after mkdocs-jupyter has put its own `render` on the page
    def on_pre_page(self, page, *, config, files):
        if page.file.src_uri in self.labs:
            page.__dict__.pop("render", None)
        return page

    def on_page_markdown(self, markdown, *, page, config, files):
        uri = page.file.src_uri
        if "level" in page.meta:
            page.meta.setdefault("tags", []).append(f"level {page.meta['level']}")
        if uri in self.labs:
            self.pages[uri] = (page.file, markdown)
            return lab_markdown(self.labs[uri])
        if "```python\n" in markdown:
            self.pages[page.file.src_uri] = (page.file, markdown)
        return markdown

    def on_page_content(self, html, *, page, config, files):
        html = lean(html)
        if page.file.src_uri not in self.pages:
            return html
        path = _notebook_path(page.file)
        links = f'<a href="{path.name}" download>Notebook</a>'
        if page.file.src_uri in self.labs:
            script = PurePosixPath(page.file.src_uri).name
            links += f'<a href="{script}" download>Script</a>'
        repository = (config.repo_url or "").rstrip("/").partition("github.com/")[2]
        if repository:
            colab = f"{COLAB}/{repository}/blob/gh-pages/{path}"
            links += f'<a href="{colab}">Open in Colab</a>'
        links = f'<span class="docrun-downloads">{links}</span>'
        return html.replace(SUMMARY_END, f"{links}{SUMMARY_END}", 1)

    def on_post_build(self, *, config):
        for uri, (file, markdown) in self.pages.items():
            notebook = self._notebook(uri, markdown, config)
            path = Path(config.site_dir) / _notebook_path(file)
            path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")

    def _notebook(self, uri, markdown, config) -> dict:
        base = urljoin(config.site_url or "/", uri)
        repository = config.repo_url or ""

        def link(target):
            return urljoin(base, _page_url(target))

        if uri not in self.labs:
            store = self.store
            return build_notebook(markdown, uri, self.settings, store, link, repository)
        lab = self.labs[uri]
        record = RecordStore(self.settings, LabRecord).fresh(lab.block)
        return lab_notebook(lab, record, self.settings, link, repository)


def _notebook_path(file) -> PurePosixPath:
    """Beside the page's HTML, under the page's own name."""
    name = PurePosixPath(file.src_uri).with_suffix(".ipynb").name
    return PurePosixPath(file.dest_uri).parent / name


def _page_url(target: str) -> str:
    path, mark, anchor = target.partition("#")
    if path.endswith("index.md"):
        path = path.removesuffix("index.md")
    elif path.endswith((".md", ".py")):
        path = str(PurePosixPath(path).with_suffix("")) + "/"
    return path + mark + anchor
