"""What loose files and archives cost with DVC, at first and when one label changed; no server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pinned
from formats import repository_of
from material import IMAGES
from measure import Figure, Measured
from ours import Ours

from ls_dvc.lock import Pin

FORMATS = ("YOLO", "VOC")
LAYOUTS = ("loose", "tar")


def measure(folder: Path, tasks: int, rounds: int) -> Iterator[Measured | Figure]:
    """`dvc repro` in each layout; they take turns."""
    ours, shelf = repository_of(folder / "ours", IMAGES, tasks)
    first = shelf.pin()
    second = shelf.changed(first)
    for _ in range(rounds):
        for name in FORMATS:
            for layout in LAYOUTS:
                ours.want(name, layout)
                yield from _repro(ours, first, second, name, layout)


def _repro(
    ours: Ours, first: Pin, second: Pin, name: str, layout: str
) -> Iterator[Measured | Figure]:
    ours.forget_stages()
    pinned.pin(ours.folder, first)
    yield Measured(f"dvc repro {name}", layout, ours.repro(name))
    before = ours.cached()
    pinned.pin(ours.folder, second)
    yield Measured(f"dvc repro {name}, one label changed", layout, ours.repro(name))
    stored, whole = ours.stored(before), sum(before.values())
    yield Figure(f"{name} {layout}: files in the DVC cache", len(before))
    yield Figure(f"{name} {layout}: MB in the DVC cache", whole / 1e6)
    yield Figure(f"{name} {layout}: MB more after one changed label", stored.whole / 1e6)
    yield Figure(f"{name} {layout}: the same as share", stored.whole / whole)
