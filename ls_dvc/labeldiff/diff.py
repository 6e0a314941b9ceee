"""The differences between two snapshot folders, as a value.

Only shards with different digests are read, and only lines that differ are parsed: the cost
depends on the change, not on the size of the project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.labeldiff.config_changes import (
    ConfigChange,
    RegistryChange,
    config_change,
    registry_change,
)
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.media_changes import changed_media, with_media
from ls_dvc.labeldiff.task_changes import TaskChange, task_changes
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.task_names import task_name
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.counts import SnapshotCounts, with_declared_controls
from ls_dvc.snapshot.media_map import MediaTotals
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

__all__ = ["DiffSide", "LabelDiff", "compare", "differing_tasks", "task_changes"]

REVIEWED = (
    ChangeKind.CHANGED,
    ChangeKind.ADDED,
    ChangeKind.REMOVED,
)  # the order in which a reviewer wants to see them

Totals = Mapping[str, Mapping[str, tuple[int, int]]]


@dataclass(frozen=True)
class DiffSide:
    """One of the two versions; `media` is None where labels come alone."""

    fingerprint: str
    counts: SnapshotCounts
    media: MediaTotals | None = None

    def document(self) -> dict[str, Any]:
        """The JSON of this side."""
        counts = {"tasks": self.counts.tasks, "annotations": self.counts.annotations}
        media = {"media": vars(self.media)} if self.media is not None else {}
        return {"fingerprint": self.fingerprint, **counts, **media}


@dataclass(frozen=True)
class LabelDiff:
    """Two versions of the labels and what differs; `tasks` are in the order of their ids."""

    before: DiffSide
    after: DiffSide
    tasks: tuple[TaskChange, ...]
    label_config: ConfigChange
    registry: RegistryChange

    @property
    def is_empty(self) -> bool:
        """Whether both versions are the same labels."""
        return not (self.tasks or self.label_config.changed or self.registry.changed)

    def __bool__(self) -> bool:
        return not self.is_empty

    @property
    def added(self) -> tuple[int, ...]:
        """The ids of the tasks that only the new version has."""
        return self._ids(ChangeKind.ADDED)

    @property
    def removed(self) -> tuple[int, ...]:
        """The ids of the tasks that only the old version has."""
        return self._ids(ChangeKind.REMOVED)

    @property
    def changed(self) -> tuple[int, ...]:
        """The ids of the tasks that both versions have and that differ."""
        return self._ids(ChangeKind.CHANGED)

    @cached_property
    def classes(self) -> Totals:
        """Numbers of regions before and after, by control and label."""
        old, new = self.before.counts.labels, self.after.counts.labels
        return {
            control: _both(old.get(control, {}), new.get(control, {}))
            for control in sorted({*old, *new})
        }

    @property
    def classes_changed(self) -> Totals:
        """Those of `classes` that differ."""
        changed = {
            control: {label: pair for label, pair in counts.items() if pair[0] != pair[1]}
            for control, counts in self.classes.items()
        }
        return {control: counts for control, counts in changed.items() if counts}

    @cached_property
    def annotators(self) -> Mapping[str, int]:
        """In how many tasks annotations differ, by the user id of who made them."""
        tasks_by_user = Counter(user for task in self.tasks for user in task.annotators)
        return dict(sorted(tasks_by_user.items(), key=lambda item: (len(item[0]), item[0])))

    @cached_property
    def most_changed(self) -> tuple[TaskChange, ...]:
        """Tasks as a reviewer wants to see them: changed, added, removed; each with those first
        of which the most regions differ."""
        return tuple(sorted(self.tasks, key=_of_interest))

    def document(self) -> dict[str, Any]:
        """The JSON of this diff."""
        return {
            "before": self.before.document(),
            "after": self.after.document(),
            "tasks": {kind.value: list(self._ids(kind)) for kind in ChangeKind},
            "changes": [task.document() for task in self.tasks],
            "classes": {
                control: {label: {"before": a, "after": b} for label, (a, b) in counts.items()}
                for control, counts in self.classes.items()
            },
            "label_config": self.label_config.document(),
            "registry": self.registry.document(),
            "annotators": dict(self.annotators),
        }

    def _ids(self, kind: ChangeKind) -> tuple[int, ...]:
        return tuple(change.task for change in self.tasks if change.kind is kind)


def _of_interest(change: TaskChange) -> tuple[int, int, int]:
    return REVIEWED.index(change.kind), -change.regions_changed, change.task


TaskPair = tuple[Task | None, Task | None]
"""A task before and after; None on a side that has it not."""


def compare(
    old: SnapshotFolder, new: SnapshotFolder, pairs: Iterable[TaskPair] | None = None
) -> LabelDiff:
    """All that differs between two snapshot folders; `pairs` are their `differing_tasks`, if known.

    `LsDvcError` when a file that has to be read is missing, or is not what its manifest says.
    """
    changes = _changes(
        differing_tasks(old, new) if pairs is None else pairs,
        _parsed_config(new) or _parsed_config(old),
    )
    media = changed_media(old, new)
    return LabelDiff(
        before=_side(old),
        after=_side(new),
        tasks=tuple(sorted(with_media(changes, media), key=lambda change: change.task)),
        label_config=config_change(_config(old), _config(new)),
        registry=registry_change(_classes(old), _classes(new)),
    )


def _changes(pairs: Iterable[TaskPair], config: LabelConfig | None) -> Iterator[TaskChange]:
    for before, after in pairs:
        change, task = task_changes(before, after), after or before
        if change is not None:
            named = task_name(task, config) if config is not None and task else ""
            yield replace(change, name=named)


def differing_tasks(old: SnapshotFolder, new: SnapshotFolder) -> Iterator[TaskPair]:
    """Both versions of each task that differs, in the order of ids.

    Lines that both sides have are not parsed.
    """
    for name in _differing(old, new):
        before, after = set(old.lines_in(name)), set(new.lines_in(name))
        gone, come = _parsed(before - after), _parsed(after - before)
        for task_id in sorted(gone.keys() | come.keys()):
            yield gone.get(task_id), come.get(task_id)


def _side(folder: SnapshotFolder) -> DiffSide:
    counts = with_declared_controls(folder.manifest.counts, _config(folder))
    return DiffSide(folder.fingerprint, counts, media_map.totals(folder))


def _differing(old: SnapshotFolder, new: SnapshotFolder) -> list[str]:
    before, after = old.manifest.shards, new.manifest.shards
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _parsed(lines: Iterable[bytes]) -> dict[int, Task]:
    tasks = map(canonical.parse, lines)
    return {task["id"]: task for task in tasks}


def _both(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    return {label: (old.get(label, 0), new.get(label, 0)) for label in sorted({*old, *new})}


def _config(folder: SnapshotFolder) -> str:
    return folder.config() if snapshot_folder.LABEL_CONFIG in folder.manifest.files else ""


def _parsed_config(folder: SnapshotFolder) -> LabelConfig | None:
    """The label config; None where there is none that can be read."""
    try:
        return label_config.parse(_config(folder), "the label config")
    except LsDvcError:
        return None


def _classes(folder: SnapshotFolder) -> Classes:
    return folder.classes() if snapshot_folder.CLASSES in folder.manifest.files else Classes()
