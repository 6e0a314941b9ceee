"""What is printed: the size of the machine, a Markdown table for each size, what the rows mean."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata

from measure import Cost
from project import BOXES

HEAD = ("step", "ours, s", "ours, MB", "plain SDK, s", "plain SDK, MB", "time, ours / plain")
NOTHING = "–"
NOTES = """\
Each step is a process of its own, from its start to its end; wall time, and the peak memory of the
largest process of the step (the server's is not in it). Medians over the rounds, in which ours and
plain take turns. At few tasks most of a plain step is the start of Python and the SDK (about a
second): that is what a user waits for, too, but it does not grow.

- *plain SDK*: `bench/plain.py`, a script with label-studio-sdk alone, logging at WARNING (at INFO
  the work of its COCO takes several times as long). It checks nothing and versions nothing.
- *update*: ours is the first `ls-dvc update`: snapshots made in parts, downloaded, checked against
  the server's MD5 and counts, pinned. Plain: create a snapshot, poll every second, download.
- *update, nothing changed*: ours asks the server and stops. The plain flow cannot know, so it
  exports again: the numbers of the row above.
- *export*: the canonical snapshot folder from what the update downloaded. Plain has no such step.
- *convert*: one format. Ours reads the snapshot folder, and writes the reports, too; plain reads
  its download, for JSON a mere copy.
- *dvc repro*: export and convert to COCO as stages, when neither has run yet: DVC's own start, and
  hashing and caching what they made, included.
- *whole*: the sums from the server to COCO. Ours: update and `dvc repro`; plain: export and
  convert COCO."""


@dataclass
class Row:
    """One step; a side that has no such step has no costs."""

    ours: list[Cost] = field(default_factory=list)
    plain: list[Cost] = field(default_factory=list)


def machine() -> str:
    """How large this machine is and what runs on it; nothing that names it."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    names = {"Label Studio": "label-studio", "label-studio-sdk": "label-studio-sdk", "DVC": "dvc"}
    versions = [f"{name} {metadata.version(package)}" for name, package in names.items()]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join([f"{cores} cores, {memory:.0f} GiB, {platform.system()}", python, *versions])


def table(tasks: int, rows: dict[str, Row]) -> str:
    """The Markdown table of one size under its title."""
    rounds = max(len(row.ours) for row in rows.values())
    counted = f"median of {rounds} rounds" if rounds > 1 else "one round"
    title = f"**{tasks:,} tasks, {BOXES} boxes each** ({counted})"
    lines = [_line(HEAD), _line(["---"] + ["---:"] * (len(HEAD) - 1))]
    lines += [_line([name, *_cells(row)]) for name, row in rows.items()]
    return "\n".join([title, "", *lines, ""])


def _cells(row: Row) -> list[str]:
    ours, plain = _median(row.ours), _median(row.plain)
    ratio = f"{ours.seconds / plain.seconds:.2f}" if ours and plain else NOTHING
    return [*_shown(ours), *_shown(plain), ratio]


def _shown(cost: Cost | None) -> tuple[str, str]:
    if cost is None:
        return NOTHING, NOTHING
    return f"{cost.seconds:.2f}", f"{cost.memory / 1e6:.0f}"


def _median(costs: list[Cost]) -> Cost | None:
    if not costs:
        return None
    seconds = statistics.median(each.seconds for each in costs)
    return Cost(seconds, statistics.median(each.memory for each in costs))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
