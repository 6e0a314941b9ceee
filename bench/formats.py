"""Our converter against the SDK's on the same raw JSON, format by format; no server is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pinned
from material import IMAGES, TEXTS, Kind
from measure import Figure, Measured, Shell
from ours import Ours, repository
from pinned import Shelf
from theirs import Theirs, files_again

from ls_dvc.server.cache import Cache

PLAIN, JOBS = "SDK", {1: "ls-dvc", 2: "ls-dvc, --jobs 2"}
MANY_FILES = "YOLO"


def measure(folder: Path, tasks: int, rounds: int) -> Iterator[Measured | Figure]:
    """What each format costs both sides; they take turns."""
    both = [_sides(folder / str(number), kind, tasks) for number, kind in enumerate(_KINDS)]
    for _ in range(rounds):
        for ours, theirs in both:
            for name in theirs.kind.formats:
                yield from _convert(name, ours, theirs)
            yield Measured(f"export ({theirs.kind.regions_called})", JOBS[1], ours.export())


_KINDS = (IMAGES, TEXTS)


def _sides(folder: Path, kind: Kind, tasks: int) -> tuple[Ours, Theirs]:
    """A repository with its snapshot folder made, and who reads the same raw JSON."""
    ours, shelf = repository_of(folder / "ours", kind, tasks)
    made = shelf.pin()
    pinned.pin(ours.folder, made)
    ours.export()
    plain = Shell(folder / "plain")
    plain.folder.mkdir()
    return ours, Theirs(plain, kind, tasks, shelf.path(made))


def repository_of(folder: Path, kind: Kind, tasks: int) -> tuple[Ours, Shelf]:
    """A repository of a project that is on no server, and what its side cache holds."""
    ours = repository(folder, tasks, pinned.URL, pinned.PROJECT)
    return ours, Shelf(Cache(folder / ".dvc/tmp/ls-dvc"), kind, tasks)


def _convert(name: str, ours: Ours, theirs: Theirs) -> Iterator[Measured | Figure]:
    step = f"convert {name}"
    yield Measured(step, PLAIN, theirs.convert(name))
    costs = {jobs: ours.convert(name, jobs) for jobs in JOBS}
    for jobs, side in JOBS.items():
        yield Measured(step, side, costs[jobs])
    if name == MANY_FILES:
        floor = files_again(theirs.shell, ours.folder / "data/dataset" / name / "labels")
        yield Measured(f"the files of {name} by a plain loop", PLAIN, floor)
        for jobs, side in JOBS.items():
            over = costs[jobs].seconds / floor.seconds
            yield Figure(f"{name}: {side} / plain loop that writes the same files", over)
