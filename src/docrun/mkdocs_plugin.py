"""The thin end: MkDocs verifies before it builds, and offers each page as a notebook."""

import json
import logging
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin

from docrun.html import SUMMARY_END
from docrun.notebooks import build_notebook
from docrun.records import RecordError, RecordStore
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
        if "docrun" not in config.markdown_extensions:
            raise PluginError(
                "docrun: add `docrun` to markdown_extensions in mkdocs.yml"
            )
        config.mdx_configs["docrun"] = {"root": str(self.settings.root)}
        return config

    def on_pre_build(self, *, config):
        if self.runner is None:
            self.runner = Runner(self.settings)
        try:
            report = verify(self.settings, self.runner, log.info)
        except (RecordError, RunnerError) as error:
            self.runner.close()
            raise PluginError(str(error)) from error
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

    def on_shutdown(self):
        if self.runner is not None:
            self.runner.close()

    def on_page_markdown(self, markdown, *, page, config, files):
        if "```python\n" in markdown:
            self.pages[page.file.src_uri] = (page.file, markdown)
        return markdown

    def on_page_content(self, html, *, page, config, files):
        if page.file.src_uri not in self.pages:
            return html
        path = _notebook_path(page.file)
        links = f'<a href="{path.name}" download>Notebook</a>'
        repository = (config.repo_url or "").rstrip("/").partition("github.com/")[2]
        if repository:
            colab = f"{COLAB}/{repository}/blob/gh-pages/{path}"
            links += f'<a href="{colab}">Open in Colab</a>'
        links = f'<span class="docrun-downloads">{links}</span>'
        return html.replace(SUMMARY_END, f"{links}{SUMMARY_END}", 1)

    def on_post_build(self, *, config):
        for uri, (file, markdown) in self.pages.items():
            base = urljoin(config.site_url or "/", uri)
            notebook = build_notebook(
                markdown,
                uri,
                self.settings,
                self.store,
                lambda target, base=base: urljoin(base, _page_url(target)),
                config.repo_url or "",
            )
            path = Path(config.site_dir) / _notebook_path(file)
            path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def _notebook_path(file) -> PurePosixPath:
    """Beside the page's HTML, under the page's own name."""
    name = PurePosixPath(file.src_uri).with_suffix(".ipynb").name
    return PurePosixPath(file.dest_uri).parent / name


def _page_url(target: str) -> str:
    path, mark, anchor = target.partition("#")
    if path.endswith("index.md"):
        path = path.removesuffix("index.md")
    elif path.endswith(".md"):
        path = path.removesuffix(".md") + "/"
    return path + mark + anchor
