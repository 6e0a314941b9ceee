"""What layouts cost with DVC, at first and when labels changed; no server."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pinned
from formats import repository_of
from material import IMAGES
from measure import Figure, Measured
from ours import Ours
from pinned import Shelf

from ls_dvc.pin.pin import Pin

PLAIN = "loose"
LAYOUTS = {"YOLO": (PLAIN, "tar"), "VOC": (PLAIN, "tar"), "COCO": (PLAIN, "shards")}
DOCUMENTS = ("COCO",)  # of these each change is measured, of the others that of one label
CHANGED = 10


def measure(folder: Path, tasks: int, rounds: int) -> Iterator[Measured | Figure]:
    """`dvc repro` in each layout; they take turns."""
    ours, shelf = repository_of(folder / "ours", IMAGES, tasks)
    pins = _pins(shelf)
    for _ in range(rounds):
        for name, layouts in LAYOUTS.items():
            wanted = pins if name in DOCUMENTS else dict([*pins.items()][:2])
            for layout in layouts:
                ours.want(name, layout)
                yield from _repros(ours, wanted, name, layout)


def _pins(shelf: Shelf) -> Mapping[str, Pin]:
    """By what happened: the first one, then one after the other."""
    middle = (shelf.tasks + 1) // 2
    anywhere = random.Random(0).sample(range(1, shelf.tasks + 1), CHANGED)
    changes = {
        "one label changed": [middle],
        f"{CHANGED} labels changed, in a row": [middle + 1 + each for each in range(CHANGED)],
        f"{CHANGED} labels changed, all over": sorted(anywhere),
    }
    pins = {"": shelf.pin()}
    for what, numbers in changes.items():
        pins[what] = shelf.changed([*pins.values()][-1], numbers)
    return pins


def _repros(
    ours: Ours, pins: Mapping[str, Pin], name: str, layout: str
) -> Iterator[Measured | Figure]:
    ours.forget_stages()
    for what, pin in pins.items():
        before = ours.cached()
        pinned.pin(ours.folder, pin)
        step = f"dvc repro {name}, {what}" if what else f"dvc repro {name}"
        yield Measured(step, layout, ours.repro(name))
        stored, mine = ours.stored(before).whole, f"{name} {layout}"
        if not what:
            yield Figure(f"{mine}: files in the DVC cache", len(ours.cached()))
            yield Figure(f"{mine}: MB in the DVC cache", stored / 1e6)
            continue
        yield Figure(f"{mine}, {what}: MB more in the DVC cache", stored / 1e6)
        yield Figure(f"{mine}, {what}: the same as share of the data set", stored / ours.size())
