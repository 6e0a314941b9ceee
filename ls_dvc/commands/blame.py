"""The versions in which one task changed, and how."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from ls_dvc.history import log as history
from ls_dvc.history import version as revision
from ls_dvc.snapshot import folder as shards
from ls_dvc.errors import UserError
from ls_dvc.history.log import Entry
from ls_dvc.labeldiff import task_changes
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.workspace import Place
from ls_dvc.history.version import Version
from ls_dvc.snapshot.folder import Folder


@dataclass(frozen=True)
class Change:
    """A version in which the task changed; `change` None: its data could not be read."""

    entry: Entry
    change: TaskChange | None


def blame(place: Place, task_id: int) -> list[Change]:
    """The versions in which the task `task_id` came, changed or went, newest first.

    Each is compared with the next older one. A version whose labels cannot be read stands in the
    list as such, and the one after it is compared with the last that could be.
    """
    entries = history.log(place.folder)
    if not entries:
        raise UserError(f"no commit pins labels in {place.folder}", "commit labels.lock first")
    found = list(_changes(place, task_id, entries))
    if not any(each.change for each in found):
        raise UserError(f"no version has a task {task_id}", "`ls-dvc log` lists the versions")
    return found[::-1]


def _changes(place: Place, task_id: int, entries: list[Entry]) -> Iterator[Change]:
    """Oldest first; one snapshot folder is open at a time, and the one before it."""
    before: Folder | None = None
    closing = ExitStack()
    for entry, version in zip(entries[::-1], _versions(place, entries)[::-1], strict=True):
        kept = ExitStack()
        try:
            after = kept.enter_context(revision.opened(place, version))
        except UserError:
            yield Change(entry, None)
            continue
        if not _same_shard(task_id, before, after):
            old = before.task(task_id) if before else None
            change = task_changes(old, after.task(task_id))
            if change is not None:
                yield Change(entry, change)
        closing.close()
        before, closing = after, kept
    closing.close()


def _versions(place: Place, entries: list[Entry]) -> list[Version]:
    commits = [(each.rev[:7], each.rev, posixpath.dirname(each.path)) for each in entries]
    return [each for each in revision.of_commits(place, commits) if each is not None]


def _same_shard(task_id: int, before: Folder | None, after: Folder) -> bool:
    name = shards.shard_name(shards.start_of(task_id))
    return before is not None and before.manifest.shards.get(name) == after.manifest.shards.get(
        name
    )
