"""Versions of labels for training scripts and notebooks; `import ls_dvc` offers all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ls_dvc.commands.diff import diff_versions
from ls_dvc.history import log
from ls_dvc.history.log import VersionEntry
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import Version, version_at
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labels.canonical import Task
from ls_dvc.workspace import Workspace, open_workspace

__all__ = ["LabelDiff", "Task", "VersionEntry", "diff", "load", "versions"]


def versions(
    revisions: str | Sequence[str] = (), *, folder: str | Path = "."
) -> list[VersionEntry]:
    """The versions of the data set in `folder`, newest first, from git alone.

    `revisions` as git takes them (`"v1..v2"`, `["--all"]`); empty means all that HEAD can reach.
    Dates are the authors' clocks, ISO 8601 with zone; counts of tasks against the version before
    are None where its pin does not say. `ls_dvc.errors.LsDvcError` outside a git
    repository.
    """
    wanted = [revisions] if isinstance(revisions, str) else revisions
    return log.log(_absolute(folder), wanted)


def diff(a: str = "HEAD", b: str | None = None, *, folder: str | Path = ".") -> LabelDiff:
    """What differs between two versions of the labels; `b` None is the workspace.

    IoU of boxes is between 0 and 1, in pixels where the size of the image is known.
    `diff(…).document()` is the JSON of `ls-dvc diff --json`. `ls_dvc.errors.LsDvcError` when a
    revision does not exist, pins no labels, or its data is not available offline.
    """
    difference, _, _ = diff_versions(open_workspace(_absolute(folder)), a, b)
    return difference


def load(rev: str | None = None, *, folder: str | Path = ".") -> Iterator[Task]:
    """Every task of a version in canonical form, ordered by id; `rev` None is the workspace.

    A task is a dict with `id`, `data`, `annotations` and `predictions` as Label Studio has them:
    geometry in percent of the image, xywh from the top left, rotation clockwise in degrees; times
    by the server's clock. One shard of 1,000 ids is in memory at a time. Errors are those
    of `diff`, some of them only with the first task.
    """
    workspace = open_workspace(_absolute(folder))
    return _tasks(workspace, version_at(workspace, rev))


def _tasks(workspace: Workspace, version: Version) -> Iterator[Task]:
    with open_snapshot(workspace, version) as folder:
        yield from folder.tasks()


def _absolute(folder: str | Path) -> Path:
    return Path(folder).absolute()
