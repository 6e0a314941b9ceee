"""Versions of labels for training scripts and notebooks; `import ls_dvc` offers all of it."""

from __future__ import annotations

import operator
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import SupportsIndex

from ls_dvc.api.views import ShownTask, VersionDiff, VersionList, VersionTasks
from ls_dvc.commands.diff import diff_versions
from ls_dvc.commands.show_task import draw_change, draw_task
from ls_dvc.history import log
from ls_dvc.history.log import VersionEntry
from ls_dvc.history.version import version_at
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labels.canonical import Task
from ls_dvc.workspace import open_workspace

__all__ = ["LabelDiff", "Task", "VersionEntry", "diff", "load", "show", "versions"]


def versions(revisions: str | Sequence[str] = (), *, folder: str | Path = ".") -> VersionList:
    """The versions of the data set in `folder`, newest first, from git alone.

    `revisions` as git takes them (`"v1..v2"`, `["--all"]`); empty means all that HEAD can reach.
    Dates are the authors' clocks, ISO 8601 with zone; counts of tasks against the version before
    are None where its pin does not say. `ls_dvc.errors.LsDvcError` outside a git
    repository.
    """
    wanted = [revisions] if isinstance(revisions, str) else revisions
    return VersionList(log.log(_absolute(folder), wanted))


def diff(a: str = "HEAD", b: str | None = None, *, folder: str | Path = ".") -> VersionDiff:
    """What differs between two versions of the labels; `b` None is the workspace.

    IoU of boxes is between 0 and 1, in pixels where the size of the image is known.
    `diff(…).document()` is the JSON of `ls-dvc diff --json`. `ls_dvc.errors.LsDvcError` when a
    revision does not exist, pins no labels, or its data is not available offline.
    """
    found, names, _ = diff_versions(open_workspace(_absolute(folder)), a, b)
    command = shlex.join(["ls-dvc", "diff", *filter(None, (a, b)), "--html", "changes.html"])
    return VersionDiff(
        before=found.before,
        after=found.after,
        tasks=found.tasks,
        label_config=found.label_config,
        registry=found.registry,
        names=names,
        command=command,
    )


def load(rev: str | None = None, *, folder: str | Path = ".") -> VersionTasks:
    """Every task of a version in canonical form, ordered by id; `rev` None is the workspace.

    A task is a dict with `id`, `data`, `annotations` and `predictions` as Label Studio has them:
    geometry in percent of the image, xywh from the top left, rotation clockwise in degrees; times
    by the server's clock. One shard of 1,000 ids is in memory at a time. Errors are those
    of `diff`, some of them only with the first task.
    """
    workspace = open_workspace(_absolute(folder))
    return VersionTasks(version_at(workspace, rev), workspace)


def show(
    task: SupportsIndex | Task,
    rev: str | None = None,
    *,
    since: str | None = None,
    folder: str | Path = ".",
) -> ShownTask:
    """One task as a notebook draws it: image, text or recording with the regions, and the answers.

    `task` is one that `load` gave, or an id. `rev` names the version whose label config and images
    are used; None is the workspace. Pinned images are drawn as far as they are on this machine,
    otherwise a blank of their size. `since`: what changed in it from that version to `rev`, before
    dashed and after solid. Errors are those of `diff`; `LsDvcError` as well when there is no such
    task.
    """
    workspace = open_workspace(_absolute(folder))
    if since is None:
        wanted = task if isinstance(task, dict) else operator.index(task)
        return ShownTask(*draw_task(workspace, wanted, rev))
    task_id = task["id"] if isinstance(task, dict) else operator.index(task)
    return ShownTask(*draw_change(workspace, task_id, rev, since))


def _absolute(folder: str | Path) -> Path:
    return Path(folder).absolute()
