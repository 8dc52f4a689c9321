"""Faults of a block: each reported as itself, the others run, nothing is left running."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from docrun.blocks import Block
from docrun.runner import Runner

FAULTS = {
    "loop": ("while True: pass", "TimeLimit", "still running after 2 s"),
    "loop deaf to signals": (
        "import signal, time\n"
        "for s in (signal.SIGTERM, signal.SIGINT): signal.signal(s, signal.SIG_IGN)\n"
        "while True: time.sleep(1)",
        "TimeLimit",
        "still running",
    ),
    "sys.exit": ("import sys; sys.exit(0)", "SystemExit", "called sys.exit(0)"),
    "os._exit": ("import os; os._exit(3)", "Exited", "os._exit(3)"),
    "signal": ("import os; os.kill(os.getpid(), 9)", "Killed", "SIGKILL"),
    "crash": ("import ctypes; ctypes.string_at(0)", "Killed", "SIGSEGV"),
    "memory": ("x = bytearray(900 * 2**20)", "MemoryError", "MemoryError"),
    "output": (
        "for i in range(10**6): print('x' * 100)",
        "OutputLimit",
        "over 100,000 bytes",
    ),
    "binary": (
        "import sys; sys.stdout.buffer.write(bytes([255, 254]))",
        "BinaryOutput",
        "not UTF-8",
    ),
    "thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
        "ThreadsLeft",
        "left 1 thread",
    ),
    "process": (
        "import subprocess; subprocess.Popen(['sleep', '61'])",
        "ProcessesLeft",
        "left 1 process",
    ),
    "process in a session of its own": (
        "import subprocess; subprocess.Popen(['sleep', '61'], start_new_session=True)",
        "ProcessesLeft",
        "left 1 process",
    ),
    "import": ("import raises_at_import", "RuntimeError", "broken module"),
    "recursion": ("def f(): f()\nf()", "RecursionError", "recursion"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
}


@pytest.fixture
def outcomes(project, run):
    project.write("src/raises_at_import.py", "raise RuntimeError('broken module')\n")
    codes = [code for code, _, _ in FAULTS.values()]
    return run(*codes, "print('still here')", time_limit=2.0, memory_limit=512)


def test_each_fault_is_reported_and_the_others_run(outcomes):
    *faulty, healthy = outcomes
    for (name, (_, kind, message)), result in zip(FAULTS.items(), faulty, strict=True):
        assert result["error"], name
        assert result["error"]["kind"] == kind, name
        assert message in result["error"]["message"], name
        assert len(result["printed"][0]["text"]) <= 100_000, name
    assert healthy["error"] is None
    assert healthy["printed"] == [{"text": "still here\n"}]
    assert "sleep\x0061" not in command_lines()


def command_lines() -> str:
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(process.read_text())
        except OSError:
            continue
    return "\n".join(lines)


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_killing_the_build_leaves_nothing_running(project, tmp_path):
    marker = "73.25"
    script = project.write(
        "build.py",
        f"""
        import sys
        from pathlib import Path
        from docrun.blocks import Block
        from docrun.runner import Runner
        from docrun.settings import load_settings

        code = "import subprocess; subprocess.run(['sleep', '{marker}'])"
        runner = Runner(load_settings(Path({str(tmp_path)!r})))
        futures = [runner.submit(Block("docs/a.md", n, code)) for n in range(4)]
        futures[0].result()
        """,
    )
    build = subprocess.Popen([sys.executable, script], start_new_session=True)
    assert wait_until(lambda: f"sleep\x00{marker}" in command_lines())
    os.kill(build.pid, signal.SIGKILL)
    build.wait()
    assert wait_until(lambda: f"sleep\x00{marker}" not in command_lines())


def test_a_dead_server_is_an_error_and_not_a_wait(project):
    with Runner(project.settings) as runner:
        future = runner.submit(Block("docs/a.md", 1, "import time; time.sleep(60)"))
        time.sleep(0.5)
        os.kill(runner._server.pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="has ended"):
            future.result(timeout=20)


FRESH = "import os; os.environ['CHOICE'] = 'own'\n"


def test_what_a_block_sets_before_its_imports_decides_them(project, run):
    """Though the server has imported the same, and however many run at once."""
    module = "import os\nchoice = os.environ.get('CHOICE', 'none')\n"
    project.write("src/reads_at_import.py", module)
    report = "import reads_at_import\nprint(reads_at_import.choice)\n"
    codes = [report, *[FRESH + report] * 8, "import os, sys\n" + report]
    results = run(*codes, preload=["reads_at_import"])
    assert [result["error"] for result in results] == [None] * 10
    first, *fresh, last = [result["printed"][0]["text"] for result in results]
    assert (first, last) == ("none\n", "none\n") and set(fresh) == {"own\n"}
    files = [result["files"].keys() for result in results]
    assert files == [set()] + [{"src/reads_at_import.py"}] * 8 + [set()]


def test_a_block_that_chooses_its_backend_says_so(run):
    chosen = FRESH + "os.environ['KERAS_BACKEND'] = 'jax'\nassert 1 + 1 == 3\n"
    own, project_s = run(chosen, "1")
    assert (own["backend"], project_s["backend"]) == ("jax", "tensorflow")
    assert "assert (1 + 1) == 3" in own["error"]["message"]
    assert own["versions"].keys() == {"python"}, "what the engine imports is its own"


def test_a_fault_in_an_interpreter_of_its_own_is_reported_as_any(run):
    names = ["sys.exit", "os._exit", "signal", "memory", "thread"]
    names += ["process in a session of its own", "recursion"]
    results = run(*(FRESH + FAULTS[name][0] for name in names), memory_limit=512)
    for name, result in zip(names, results, strict=True):
        assert result["error"]["kind"] == FAULTS[name][1], name
    assert "sleep\x0061" not in command_lines()


def test_where_fork_is_missing_a_plain_process_serves(project, tmp_path):
    project.write(
        "src/sitecustomize.py", "import os\nif hasattr(os, 'fork'): del os.fork\n"
    )
    code = textwrap.dedent(
        """
        import os
        assert not hasattr(os, 'fork')
        print("ran")
        """
    )
    with Runner(project.settings) as runner:
        passed = runner.submit(Block("docs/a.md", 1, code)).result()
        failed = runner.submit(Block("docs/a.md", 1, "1 / 0")).result()
    assert (passed["error"], passed["printed"]) == (None, [{"text": "ran\n"}])
    assert failed["error"]["kind"] == "ZeroDivisionError"
