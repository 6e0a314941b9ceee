"""How far annotators of one task agree: IoU of their regions, Cohen's kappa of their choices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple

from ls_dvc.formats.image import masks
from ls_dvc.labeldiff import overlap
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Annotation, Task
from ls_dvc.labels.geometry import Box, Size
from ls_dvc.labels.regions import ANSWERS, control_of, labels_of, value_of
from ls_dvc.pages import svg_paths

LISTED = 20  # tasks of least agreement
_SQUARE = Size(100, 100)


class Agreement(NamedTuple):
    """How far two annotators agree about a control. `tasks`: those that both of them labeled.

    `value` is the mean over these tasks of the mean IoU of their regions (0 to 1, a region that
    only one drew has 0), or kappa (1 is perfect, 0 is chance).
    """

    control: str
    annotators: tuple[str, str]
    measure: str
    tasks: int
    value: float


class Disagreement(NamedTuple):
    """A task on which two annotators agree little."""

    task: int
    control: str
    annotators: tuple[str, str]
    words: str
    value: float


_Key = tuple[str, str, str]  # control, one annotator, the other


@dataclass
class MeanOverlap:
    """The mean of a number for each task, as its sum."""

    tasks: int = 0
    total: float = 0.0

    def add(self, value: float) -> None:
        """Count a task."""
        self.tasks += 1
        self.total += value


@dataclass
class AgreementCounts:
    """What is needed of all tasks, collected one by one: sums, and the tasks that differ most.

    `answers` counts the pairs of answers, so that kappa can be had of them.
    """

    overlaps: dict[_Key, MeanOverlap] = field(default_factory=dict)
    answers: dict[_Key, Counter[tuple[str, str]]] = field(default_factory=dict)
    worst: list[Disagreement] = field(default_factory=list)

    def add(self, task: Task) -> None:
        """Count a task; only one that several annotators labeled counts."""
        by_user = _by_annotator(task)
        for one, other in combinations(sorted(by_user, key=lambda u: (len(u), u)), 2):
            self._add_regions(task["id"], (one, other), by_user[one], by_user[other])
            self._add_choices(task["id"], (one, other), by_user[one], by_user[other])
        self.worst = sorted(self.worst, key=lambda each: (each.value, each.task))[:LISTED]

    def agreements(self) -> list[Agreement]:
        """Of each control and pair of annotators, the least first."""
        found = [
            Agreement(control, (a, b), "IoU", mean.tasks, mean.total / mean.tasks)
            for (control, a, b), mean in self.overlaps.items()
        ]
        found += [
            Agreement(control, (a, b), "kappa", pairs.total(), kappa(pairs))
            for (control, a, b), pairs in self.answers.items()
        ]
        return sorted(found, key=lambda each: (each.value, each[:3]))

    def _add_regions(
        self, task: int, users: tuple[str, str], one: Annotation, other: Annotation
    ) -> None:
        first, second = _boxes(one), _boxes(other)
        for control in sorted(first.keys() | second.keys()):
            value = mean_overlap(first.get(control, []), second.get(control, []))
            self.overlaps.setdefault((control, *users), MeanOverlap()).add(value)
            if value < 1:
                counts = f"{len(first.get(control, []))} and {len(second.get(control, []))} regions"
                self.worst.append(Disagreement(task, control, users, counts, value))

    def _add_choices(
        self, task: int, users: tuple[str, str], one: Annotation, other: Annotation
    ) -> None:
        first, second = _choices(one), _choices(other)
        for control in sorted(first.keys() & second.keys()):
            pair = (first[control], second[control])
            self.answers.setdefault((control, *users), Counter())[pair] += 1
            if pair[0] != pair[1]:
                words = f"{pair[0] or 'nothing'} and {pair[1] or 'nothing'}"
                self.worst.append(Disagreement(task, control, users, words, 0.0))


def kappa(pairs: Counter[tuple[str, str]]) -> float:
    """Cohen's kappa of what two annotators answered; 1 where both always answered the same."""
    count = pairs.total()
    observed = sum(size for (one, other), size in pairs.items() if one == other) / count
    first, second = Counter[str](), Counter[str]()
    for (one, other), size in pairs.items():
        first[one] += size
        second[other] += size
    expected = sum(first[name] * second[name] for name in first) / count**2
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)


def mean_overlap(one: list[Box], other: list[Box]) -> float:
    """The mean IoU of boxes, matched from the best pair on; those without a partner have 0."""
    scored = sorted(
        ((overlap.iou(a, b) or 0.0, i, j) for i, a in enumerate(one) for j, b in enumerate(other)),
        key=lambda each: (-each[0], each[1:]),
    )
    used: tuple[set[int], set[int]] = (set(), set())
    total = 0.0
    for value, i, j in scored:
        if value > 0 and i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            total += value
    count = len(one) + len(other) - len(used[0])
    return total / count if count else 1.0


def _by_annotator(task: Task) -> Mapping[str, Annotation]:
    """The latest annotation of each annotator that was not skipped."""
    done = [each for each in task["annotations"] if not each.get("was_cancelled")]
    return {str(each["completed_by"]): each for each in done if "completed_by" in each}


def _boxes(annotation: Annotation) -> dict[str, list[Box]]:
    """The boxes around regions by control, in pixels where the size of the image is known."""
    found: dict[str, list[Box]] = {}
    for region in annotation["result"]:
        box = _box(region) if isinstance(region, dict) else None
        if box is not None and box.width > 0 and box.height > 0:
            found.setdefault(control_of(region), []).append(box)
    return found


def _box(region: dict[str, Any]) -> Box | None:
    """Of a span or a segment its ends, as a box of height 1; of masks and answers none."""
    value, size = value_of(region), region_values.image_size(region) or _SQUARE
    if region.get("type") in ANSWERS or masks.is_mask(value):
        return None
    if "radiusX" not in value and (box := region_values.box(value)):
        return box.in_pixels(size)
    start, end = (region_values.number(value.get(name)) for name in ("start", "end"))
    if start is not None and end is not None:
        return Box(start, 0, end - start, 1)
    return svg_paths.extent_of(value, size)


def _choices(annotation: Annotation) -> dict[str, str]:
    """What was chosen for the whole task, by control."""
    return {
        control_of(region): ", ".join(sorted(labels_of(region)))
        for region in annotation["result"]
        if isinstance(region, dict)
        and region.get("type") == "choices"
        and value_of(region).keys() == {"choices"}
    }
