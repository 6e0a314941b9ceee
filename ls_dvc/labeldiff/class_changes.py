"""Which classes gained and lost regions between two versions."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ls_dvc.labeldiff.diff import LabelDiff


class ClassChange(NamedTuple):
    """A class: how many regions it has before and after, gained and lost."""

    control: str
    label: str
    before: int
    after: int
    gained: int
    lost: int


def class_changes(diff: LabelDiff) -> list[ClassChange]:
    """Every class that gained or lost a region, the most changed first."""
    gained, lost = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for task in diff.tasks:
        for annotation in task.annotations:
            for region in annotation.regions:
                before, after = {*region.labels_before}, {*region.labels_after}
                gained.update((region.control, label) for label in after - before)
                lost.update((region.control, label) for label in before - after)
    known = {
        (control, label): counts
        for control, by_label in diff.classes.items()
        for label, counts in by_label.items()
    }
    keys = {*gained, *lost, *(key for key, (old, new) in known.items() if old != new)}
    return [
        ClassChange(*key, *known.get(key, (0, 0)), gained[key], lost[key])
        for key in sorted(keys, key=lambda key: (-gained[key] - lost[key], key))
    ]
