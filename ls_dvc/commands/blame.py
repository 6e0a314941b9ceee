"""The versions in which one task changed, and how."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from ls_dvc.errors import LsDvcError
from ls_dvc.history import log
from ls_dvc.history.log import VersionEntry
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import Version, versions_of_commits
from ls_dvc.labeldiff import task_changes
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.labels.shards import start_of
from ls_dvc.snapshot.manifest import shard_name
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class VersionChange:
    """A version in which the task changed; `change` None: its data could not be read."""

    entry: VersionEntry
    change: TaskChange | None


def blame(workspace: Workspace, task_id: int) -> list[VersionChange]:
    """The versions in which the task `task_id` came, changed or went, newest first.

    Each is compared with the next older one. A version whose labels cannot be read stands in the
    list as such, and the one after it is compared with the last that could be.
    """
    entries = log.log(workspace.folder)
    if not entries:
        raise LsDvcError(f"no commit pins labels in {workspace.folder}", "commit labels.lock first")
    found = list(_changes(workspace, task_id, entries))
    if not any(each.change for each in found):
        raise LsDvcError(f"no version has a task {task_id}", "`ls-dvc log` lists the versions")
    return found[::-1]


def _changes(
    workspace: Workspace, task_id: int, entries: list[VersionEntry]
) -> Iterator[VersionChange]:
    """Oldest first; one snapshot folder is open at a time, and the one before it."""
    before: SnapshotFolder | None = None
    closing = ExitStack()
    for entry, version in zip(entries[::-1], _versions(workspace, entries)[::-1], strict=True):
        kept = ExitStack()
        try:
            after = kept.enter_context(open_snapshot(workspace, version))
        except LsDvcError:
            yield VersionChange(entry, None)
            continue
        if not _same_shard(task_id, before, after):
            old = before.task(task_id) if before else None
            change = task_changes(old, after.task(task_id))
            if change is not None:
                yield VersionChange(entry, change)
        closing.close()
        before, closing = after, kept
    closing.close()


def _versions(workspace: Workspace, entries: list[VersionEntry]) -> list[Version]:
    commits = [(each.rev[:7], each.rev, posixpath.dirname(each.path)) for each in entries]
    return [each for each in versions_of_commits(workspace, commits) if each is not None]


def _same_shard(task_id: int, before: SnapshotFolder | None, after: SnapshotFolder) -> bool:
    name = shard_name(start_of(task_id))
    return before is not None and before.manifest.shards.get(name) == after.manifest.shards.get(
        name
    )
