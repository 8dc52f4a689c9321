"""As many blocks at once as there are workers, and no more."""

import dataclasses
import itertools
import time

from docrun.blocks import Block
from docrun.runner import Runner

SLEEP = "import time; time.sleep(0.4); print(time.time())"


def test_blocks_run_side_by_side(project):
    with Runner(project.settings, workers=4) as runner:
        runner.submit(Block("docs/a.md", 1, "1")).result()
        started = time.monotonic()
        futures = [runner.submit(Block("docs/a.md", n, SLEEP)) for n in range(4)]
        assert all(f.result()["error"] is None for f in futures)
        assert time.monotonic() - started < 4 * 0.4


def test_one_worker_runs_one_at_a_time(project):
    with Runner(project.settings, workers=1) as runner:
        futures = [runner.submit(Block("docs/a.md", n, SLEEP)) for n in range(3)]
        ends = [float(f.result()["printed"][0]["text"]) for f in futures]
    assert ends == sorted(ends)
    assert min(b - a for a, b in itertools.pairwise(ends)) > 0.3


def test_nothing_starts_before_it_is_needed(project):
    runner = Runner(project.settings)
    assert runner._server is None
    runner.close()


def test_the_backend_is_the_settings(project):
    settings = dataclasses.replace(project.settings, backend="jax")
    with Runner(settings) as runner:
        code = "import os; print(os.environ['KERAS_BACKEND'])"
        result = runner.submit(Block("docs/a.md", 1, code)).result()
    assert result["printed"] == [{"text": "jax\n"}]
