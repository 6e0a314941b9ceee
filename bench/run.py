"""`make bench`: ours against the plain flow of the SDK, on one server, in one run, as a table.

Tables go to stdout, narration to stderr. No thresholds: it measures, and fails only when one of
the sides did not do its work.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import project
import table
from measure import BenchError, Cost
from ours import Ours
from table import Row
from theirs import COUNTERS, Theirs

from ls_dvc import embedded
from ls_dvc.console import reporter
from ls_dvc.embedded import Studio
from ls_dvc.errors import UserError

FORMATS = tuple(COUNTERS)
WHOLE_FORMAT = "COCO"
WARM_UP_TASKS = 10
REPORT = reporter(quiet=False)

Measured = tuple[str, str, Cost]  # the step, the side, and what it cost


def main() -> None:
    """Print the machine, then a table for each size, then what the rows mean."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    try:
        _bench(options.tasks, options.rounds)
    except (BenchError, UserError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ours against the plain flow of the SDK.")
    parser.add_argument(
        "--tasks",
        type=_positive,
        nargs="+",
        default=[1000, 10000],
        metavar="N",
        help="sizes of the projects, a table each (default: 1000 10000)",
    )
    parser.add_argument(
        "--rounds",
        type=_positive,
        default=3,
        metavar="N",
        help="how often each step is measured (default: 3)",
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def _bench(sizes: list[int], rounds: int) -> None:
    print(table.machine(), end="\n\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="ls-dvc-bench-") as name:
        folder = Path(name)
        REPORT.say("starting Label Studio")
        with embedded.running(folder / "server", report=REPORT) as studio:
            _warm_up(folder / "warm-up", studio)
            for number, tasks in enumerate(sizes):
                rows = _measure(folder / f"size-{number}", studio, tasks, rounds)
                print(table.table(tasks, rows), flush=True)
    print(table.NOTES)


def _warm_up(folder: Path, studio: Studio) -> None:
    """The first run reads every library from disk and the server's code; neither side pays."""
    ours, theirs = _sides(folder, studio, WARM_UP_TASKS)
    REPORT.say("warming up, not measured")
    list(_exporting(ours, theirs))
    theirs.convert(WHOLE_FORMAT)
    ours.repro(WHOLE_FORMAT)


def _measure(folder: Path, studio: Studio, tasks: int, rounds: int) -> dict[str, Row]:
    """The costs of every step, in the order of the steps."""
    ours, theirs = _sides(folder, studio, tasks)
    rows: dict[str, Row] = {}
    for number in range(1, rounds + 1):
        for step, side, cost in _round(ours, theirs):
            row = rows.setdefault(step, Row())
            (row.ours if side == "ours" else row.plain).append(cost)
            spent = f"{cost.seconds:6.2f} s {cost.memory / 1e6:5.0f} MB"
            REPORT.say(f"{tasks} tasks, round {number}: {spent}  {side:5}  {step}")
    return rows


def _sides(folder: Path, studio: Studio, tasks: int) -> tuple[Ours, Theirs]:
    """Both sides on one new project."""
    made = project.make(studio, tasks, REPORT.say)
    return Ours(folder / "ours", studio, made), Theirs(folder / "plain", studio, made)


def _round(ours: Ours, theirs: Theirs) -> Iterator[Measured]:
    """Every step once; where both sides have it, one right after the other."""
    costs: dict[tuple[str, str], Cost] = {}
    for step, side, cost in chain(_exporting(ours, theirs), _converting(ours, theirs)):
        costs[step, side] = cost
        yield step, side, cost
    repro = ours.repro(WHOLE_FORMAT)
    yield f"dvc repro ({WHOLE_FORMAT})", "ours", repro
    yield "**whole**", "ours", costs["update", "ours"].then(repro)
    converted = costs[f"convert {WHOLE_FORMAT}", "plain"]
    yield "**whole**", "plain", costs["update", "plain"].then(converted)


def _exporting(ours: Ours, theirs: Theirs) -> Iterator[Measured]:
    ours.forget()
    yield "update", "ours", ours.update(moved=True)
    downloaded = theirs.export()
    yield "update", "plain", downloaded
    yield "update, nothing changed", "ours", ours.update(moved=False)
    yield "update, nothing changed", "plain", downloaded
    yield "export", "ours", ours.export()


def _converting(ours: Ours, theirs: Theirs) -> Iterator[Measured]:
    for name in FORMATS:
        yield f"convert {name}", "ours", ours.convert(name)
        yield f"convert {name}", "plain", theirs.convert(name)


if __name__ == "__main__":
    main()
