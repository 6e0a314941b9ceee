"""The changes of a diff by what happened, in the order in which a reviewer reads them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange, independent
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange
from ls_dvc.labels.regions import ANSWERS


class Happening(str, Enum):
    """What happened to regions, or to a whole task; in the order of a review."""

    RELABELED = "Relabeled"
    REMOVED = "Removed"
    ADDED = "Added"
    MOVED = "Moved"
    RESIZED = "Resized or reshaped"
    ANSWERED = "Answered differently"
    EDITED = "Edited otherwise"
    TASK_REMOVED = "Tasks removed"
    TASK_ADDED = "Tasks added"
    OTHER = "Other changes"


@dataclass(frozen=True)
class GroupedTask:
    """A task with those of its regions to which the same happened.

    `annotators` are the user ids of who made their annotations. Of other changes `task` has only
    what is about no region, and there are no `regions`.
    """

    task: TaskChange
    regions: tuple[RegionChange, ...] = ()
    annotators: tuple[int, ...] = ()

    @property
    def weight(self) -> float:
        """How much differs, in regions."""
        return math.fsum(region.weight for region in self.regions)


@dataclass(frozen=True)
class ChangeGroup:
    """All to which the same happened; `tasks` with the largest changes first."""

    happening: Happening
    tasks: tuple[GroupedTask, ...]

    @property
    def region_count(self) -> int:
        """How many regions there are in all tasks."""
        return sum(len(task.regions) for task in self.tasks)

    @property
    def labels(self) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
        """How many regions have which labels before and after."""
        regions = (region for task in self.tasks for region in task.regions)
        return Counter((region.labels_before, region.labels_after) for region in regions)


def change_groups(diff: LabelDiff) -> list[ChangeGroup]:
    """What happened, without what happened to nothing. A task can be in several groups."""
    tasks: dict[Happening, list[GroupedTask]] = {happening: [] for happening in Happening}
    for change in diff.tasks:
        for happening, task in _of_task(change):
            tasks[happening].append(task)
    return [
        ChangeGroup(happening, tuple(sorted(found, key=_by_weight)))
        for happening, found in tasks.items()
        if found
    ]


def _by_weight(task: GroupedTask) -> tuple[float, int]:
    return -task.weight, task.task.task


def _of_task(change: TaskChange) -> Iterator[tuple[Happening, GroupedTask]]:
    regions: dict[Happening, list[tuple[RegionChange, int | None]]] = {}
    for annotation in change.annotations:
        for region in independent(annotation.regions):
            happening = _happening(change, region)
            regions.setdefault(happening, []).append((region, annotation.annotator))
    whole = _of_whole_task(change)
    if whole is not None:
        regions.setdefault(whole, [])
    for happening, found in regions.items():
        users = dict.fromkeys(user for _, user in found if user is not None)
        yield happening, GroupedTask(change, tuple(region for region, _ in found), (*users,))
    rest = _without_regions(change)
    if whole is None and rest is not None:
        yield Happening.OTHER, GroupedTask(rest, annotators=_annotators(rest.annotations))


def _of_whole_task(change: TaskChange) -> Happening | None:
    whole = {
        ChangeKind.ADDED: Happening.TASK_ADDED,
        ChangeKind.REMOVED: Happening.TASK_REMOVED,
    }
    return whole.get(change.kind)


def _happening(change: TaskChange, region: RegionChange) -> Happening:
    whole = _of_whole_task(change)
    if whole is not None:
        return whole
    if region.type in ANSWERS:
        return Happening.ANSWERED
    if region.kind is not ChangeKind.CHANGED:
        return Happening.ADDED if region.kind is ChangeKind.ADDED else Happening.REMOVED
    if region.relabeled:
        return Happening.RELABELED
    if not region.moved:
        return Happening.EDITED
    return Happening.MOVED if region.movement == "moved" else Happening.RESIZED


def _without_regions(change: TaskChange) -> TaskChange | None:
    """What differs in a task besides its regions; None if nothing does."""
    annotations = tuple(
        replace(annotation, regions=())
        for annotation in change.annotations
        if annotation.fields or annotation.reordered or not annotation.regions
    )
    own = (change.data, change.meta, change.fields, change.media, change.predictions_changed)
    return replace(change, annotations=annotations) if annotations or any(own) else None


def _annotators(annotations: Sequence[AnnotationChange]) -> tuple[int, ...]:
    users = (annotation.annotator for annotation in annotations)
    return (*dict.fromkeys(user for user in users if user is not None),)
