"""Media that changed behind their addresses: which tasks show another file than before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.labels.media import MediaEntry
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

Changed = Mapping[int, tuple[str, ...]]
"""By task, the names of the objects that show another file; of a list `pages[2]`."""


def changed_media(old: SnapshotFolder, new: SnapshotFolder) -> Changed:
    """The media that both versions have at the same address, with another content or none."""
    before, after = media_map.parts(old), media_map.parts(new)
    changed: dict[int, list[str]] = {}
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            known = {_place(entry): entry for entry in media_map.entries_in(old, name)}
            for entry in media_map.entries_in(new, name):
                was = known.get(_place(entry))
                if was is not None and _content(was) != _content(entry):
                    changed.setdefault(entry.task, []).append(_name(entry))
    return {task: tuple(names) for task, names in changed.items()}


def with_media(changes: Iterable[TaskChange], changed: Changed) -> list[TaskChange]:
    """The changes of tasks with those of their media."""
    by_task = {change.task: change for change in changes}
    for task, names in changed.items():
        change = by_task.get(task, TaskChange(task, ChangeKind.CHANGED))
        if change.kind is ChangeKind.CHANGED:
            by_task[task] = replace(change, media=names)
    return list(by_task.values())


def _place(entry: MediaEntry) -> tuple[int, str, int | None, str]:
    return (entry.task, entry.object, entry.item, entry.address)


def _content(entry: MediaEntry) -> str:
    return entry.file.md5 if entry.file is not None else ""


def _name(entry: MediaEntry) -> str:
    return entry.object if entry.item is None else f"{entry.object}[{entry.item}]"
