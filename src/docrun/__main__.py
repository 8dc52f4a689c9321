"""`python -m docrun verify` runs what is stale, `labs` the labs alone; `seeds` runs blocks
at other seeds."""

import argparse
import ast
import sys
from concurrent.futures import as_completed
from dataclasses import replace
from pathlib import Path

from docrun.blocks import Block, read_blocks
from docrun.labs import lab_paths, read_lab, verify_labs
from docrun.records import RecordError
from docrun.runner import Runner, RunnerError
from docrun.settings import load_settings
from docrun.verify import verify

SEEDED = ("set_random_seed", "default_rng")
SEEDS = ("random_state", "seed")


def reseed(code: str, offset: int) -> str:
    """The code with `offset` added to each literal seed: of a generator, of a call."""
    seeds = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            seeds += node.args[:1] if name in SEEDED else []
            seeds += [word.value for word in node.keywords if word.arg in SEEDS]
    seeds = [s for s in seeds if isinstance(s, ast.Constant) and type(s.value) is int]
    lines = [line.encode() for line in code.split("\n")]
    for seed in sorted(seeds, key=lambda s: (s.lineno, s.col_offset), reverse=True):
        line = lines[seed.lineno - 1]
        new = str(seed.value + offset).encode()
        line = line[: seed.col_offset] + new + line[seed.end_col_offset :]
        lines[seed.lineno - 1] = line
    return "\n".join(line.decode() for line in lines)


def seeds(pages: list[Path], count: int) -> int:
    """Run each seeded block at `count` other seeds; how many blocks fail at one.

    A lab among the pages is run as one block, all its code at once.
    """
    settings = load_settings()
    blocks = [b for page in pages or settings.pages() for b in _seeded(page, settings)]
    if any(page.suffix == ".py" for page in pages):
        settings = replace(settings, time_limit=settings.lab_time_limit)
    failed: dict[Block, list[str]] = {block: [] for block in blocks}
    with Runner(settings) as runner:
        futures = {
            runner.submit(block, reseed(block.code, 1000 * n)): (block, n)
            for block in blocks
            for n in range(1, count + 1)
        }
        for done, future in enumerate(as_completed(futures), start=1):
            block, n = futures[future]
            error = future.result()["error"]
            if error:
                failed[block].append(f"  seed + {1000 * n}: {error['message']}")
            if sys.stderr.isatty():
                print(f"\r{done}/{len(futures)}", end="", file=sys.stderr)
    for block, errors in failed.items():
        print(f"{block.location}: holds at {count - len(errors)} of {count} seeds")
        print(*errors, sep="\n", end="\n" if errors else "")
    broken = sum(bool(errors) for errors in failed.values())
    print(
        f"{len(blocks)} seeded blocks, {count} seeds each: {broken} do not always hold"
    )
    return broken


def _seeded(page: Path, settings) -> list[Block]:
    if page.suffix == ".py":
        blocks = [read_lab(page.resolve(), settings.root).block]
    else:
        blocks = read_blocks(page.resolve(), settings.root)
    return [block for block in blocks if reseed(block.code, 1) != block.code]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m docrun", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("verify", help="check the pages, run what is stale")
    again = commands.add_parser("seeds", help="run seeded blocks at other seeds")
    again.add_argument(
        "pages", nargs="*", type=Path, help="pages or labs; default: all pages"
    )
    again.add_argument("--count", type=int, default=20)
    alone = commands.add_parser("labs", help="run the stale labs and nothing else")
    alone.add_argument("labs", nargs="*", type=Path, help="default: all labs")
    options = parser.parse_args(arguments)
    if options.command == "seeds":
        return 1 if seeds(options.pages, options.count) else 0
    settings = load_settings()
    reports = []
    try:
        if options.command == "verify":
            with Runner(settings) as runner:
                reports.append(verify(settings, runner))
        if options.command == "labs" or lab_paths(settings):
            paths = [path.resolve() for path in getattr(options, "labs", [])]
            reports.append(verify_labs(settings, paths=paths))
    except (RecordError, RunnerError) as error:
        print(error, file=sys.stderr)
        return 2
    print(*reports, sep="\n")
    return 0 if all(report.passed for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
