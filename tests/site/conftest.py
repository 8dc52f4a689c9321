"""The built site, served on this machine, and a browser that looks at it."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="session")
def site(site_folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128  # a page asks for more at once than the default of 5

    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=site_folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        message = f"the browser tests need one of {', '.join(BROWSERS)} on the PATH"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site):
    """Open a page; the page, and a list of all that went wrong or left this origin."""
    contexts = []

    def open_page(path, width=1280, scheme="light", scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(180_000)
        contexts.append(context)
        page, troubles = context.new_page(), []

        def note_request(request):
            if not request.url.startswith((site, "data:", "blob:")):
                troubles.append(f"request to {request.url}")

        page.on("request", note_request)
        page.on("requestfailed", lambda r: troubles.append(f"failed: {r.url}"))
        page.on(
            "console",
            lambda m: troubles.append(m.text) if m.type == "error" else None,
        )
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        return page, troubles

    yield open_page
    for context in contexts:
        context.close()
