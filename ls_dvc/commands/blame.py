"""Use case: the versions in which one task changed, and how."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from ls_dvc.errors import LsDvcError
from ls_dvc.history import log, recovery
from ls_dvc.history.log import VersionEntry
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import Version, versions_of_commits
from ls_dvc.labeldiff import task_changes
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.labels.shards import start_of
from ls_dvc.repo import git
from ls_dvc.snapshot.manifest import shard_name
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class VersionChange:
    """A version in which the task changed.

    `change` is None where it is not known: the labels cannot be read, and `error` says why; or the
    history of a shallow clone is `cut_off` at this version, which has the task.
    """

    entry: VersionEntry
    change: TaskChange | None
    error: LsDvcError | None = None
    cut_off: bool = False


def blame(workspace: Workspace, task_id: int) -> list[VersionChange]:
    """The versions in which the task `task_id` came, changed or went, newest first.

    Each is compared with the next older one. A version whose labels cannot be read is in the list
    as such, and the one after it is compared with the last that could be read. `LsDvcError` when
    no version that can be read has the task.
    """
    entries = log.log(workspace.folder)
    if not entries:
        raise LsDvcError(
            f"no commit pins labels in {workspace.folder}", "run `git commit labels.lock` first"
        )
    boundary = git.shallow_boundary(workspace.folder)
    changes = list(_changes(workspace, task_id, entries, boundary))
    if not any(change.change or change.cut_off for change in changes):
        errors = [change.error for change in changes if change.error]
        raise _not_found(task_id, errors, shallow=bool(boundary))
    return changes[::-1]


def _not_found(task_id: int, errors: list[LsDvcError], *, shallow: bool) -> LsDvcError:
    """No version has the task, or the one that has it cannot be read: which, is not known then."""
    if not errors and shallow:
        return LsDvcError(f"no version in this clone has a task {task_id}", recovery.UNSHALLOW)
    if not errors:
        return LsDvcError(f"no version has a task {task_id}", "run `ls-dvc log` to list versions")
    return LsDvcError(
        f"it is not known which versions have a task {task_id}: the data of {len(errors)} of them "
        f"is not available. Of the newest, {errors[-1]}",
        recovery.PULL_ALL,
    )


def _changes(
    workspace: Workspace, task_id: int, entries: list[VersionEntry], boundary: Collection[str]
) -> Iterator[VersionChange]:
    """Oldest first; one snapshot folder is open at a time, and the one before it."""
    before: SnapshotFolder | None = None
    with ExitStack() as opened:
        for entry, version in _versions(workspace, entries):
            stack = ExitStack()
            try:
                after = stack.enter_context(open_snapshot(workspace, version))
                change = _change(task_id, before, after)
            except LsDvcError as error:
                stack.close()
                yield VersionChange(entry, None, error)
                continue
            if change is not None and before is None and entry.rev in boundary:
                yield VersionChange(entry, None, cut_off=True)
            elif change is not None:
                yield VersionChange(entry, change)
            opened.close()
            opened.push(stack)
            before = after


def _change(
    task_id: int, before: SnapshotFolder | None, after: SnapshotFolder
) -> TaskChange | None:
    """How the task differs between two versions; only shards that differ are read."""
    name = shard_name(start_of(task_id))
    if before is not None and before.manifest.shards.get(name) == after.manifest.shards.get(name):
        return None
    return task_changes(before.task(task_id) if before else None, after.task(task_id))


def _versions(
    workspace: Workspace, entries: list[VersionEntry]
) -> Iterator[tuple[VersionEntry, Version]]:
    """The versions of the entries, oldest first."""
    commits = [(entry.rev[:7], entry.rev, posixpath.dirname(entry.path)) for entry in entries]
    versions = versions_of_commits(workspace, commits)
    for entry, version in zip(entries[::-1], versions[::-1], strict=True):
        if version is not None:
            yield entry, version
