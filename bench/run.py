"""`make bench`: ours against the SDK, in one run, as tables; docs/performance.md explains them.

Tables go to stdout, narration to stderr. No thresholds: it measures, and fails only when one of
the sides did not do its work.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import formats
import layouts
import media
import project
import table
import updates
from measure import BenchError, Figure, Measured

from ls_dvc.cli.console import reporter
from ls_dvc.demo import label_studio
from ls_dvc.errors import LsDvcError

BUILD = Path(__file__).parent.parent / "build" / "bench"
PARTS = {
    "formats": "Our converter against the SDK's",
    "layouts": "Loose files against archives, one document against shards",
    "updates": "Updates against the plain flow",
    "media": "Labels with media against a script that downloads every file",
}
WITHOUT_SERVER = {
    "formats": (formats.measure, formats.PLAIN),
    "layouts": (layouts.measure, layouts.PLAIN),
}
LEAST = 100  # tasks: fewer do not hold the labels that are changed
REPORT = reporter(quiet=False)
Found = Iterator[Measured | Figure]


def main() -> None:
    """Print the machine, then the tables of each part, size by size."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    try:
        print(table.machine(), flush=True)
        for part in options.parts:
            _part(part, options.folder.absolute(), options.sizes, options.rounds)
    except (BenchError, LsDvcError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ours against the SDK.")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument(
        "--sizes",
        type=partial(_at_least, LEAST),
        nargs="+",
        default=[1000, 10000],
        metavar="N",
        help="numbers of tasks, a table each (default: 1000 10000)",
    )
    parser.add_argument(
        "--rounds",
        type=partial(_at_least, 1),
        default=3,
        metavar="N",
        help="how often each step is measured (default: 3)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=BUILD,
        help="where everything is made, and the server with its projects kept",
    )
    return parser.parse_args()


def _at_least(least: int, text: str) -> int:
    value = int(text)
    if value < least:
        raise argparse.ArgumentTypeError(f"{value} is less than {least}")
    return value


def _part(part: str, kept: Path, sizes: list[int], rounds: int) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=kept) as name:
        folder = Path(name)
        if part in ("updates", "media"):
            _on_server(part, folder, kept / "server", sizes, rounds)
            return
        measure, base = WITHOUT_SERVER[part]
        for tasks in sizes:
            _print(part, tasks, rounds, measure(folder / str(tasks), tasks, rounds), base)


def _on_server(part: str, folder: Path, server: Path, sizes: list[int], rounds: int) -> None:
    REPORT.say("starting Label Studio")
    with label_studio.running(server, report=REPORT) as studio:
        if part == "updates":
            for made in project.kept(studio, sizes, REPORT.say):
                found = updates.measure(folder / str(made.tasks), made, rounds)
                _print(part, made.tasks, rounds, found, updates.PLAIN)
            return
        for made in media.kept(studio, sizes, REPORT):
            found = media.measure(folder / str(made.tasks), made, rounds)
            _print(part, made.tasks, rounds, found, media.PLAIN)


def _print(part: str, tasks: int, rounds: int, found: Found, base: str) -> None:
    REPORT.say(f"{part}, {tasks} tasks")
    shown = table.tables(map(_narrated, found), base)
    counted = f"median of {rounds} rounds" if rounds > 1 else "one round"
    print(f"\n**{PARTS[part]}: {tasks:,} tasks, 3 regions each** ({counted})\n", flush=True)
    print(shown, flush=True)


def _narrated(each: Measured | Figure) -> Measured | Figure:
    if isinstance(each, Measured):
        spent = f"{each.cost.seconds:6.2f} s {each.cost.memory / 1e6:5.0f} MB"
        REPORT.say(f"{spent}  {each.side:14}  {each.step}")
    return each


if __name__ == "__main__":
    main()
