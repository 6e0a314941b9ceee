"""Use case: the label diff of two versions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ls_dvc import labeldiff
from ls_dvc.history.open_snapshot import EMPTY, open_snapshot
from ls_dvc.history.version import UnpinnedError, version_at, version_of_commit
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

TaskLink = Callable[[int], str]


def diff_versions(
    workspace: Workspace, a: str, b: str | None
) -> tuple[LabelDiff, tuple[str, str], TaskLink]:
    """What differs between commit `a` and commit `b` (None: the workspace).

    With it, what to call the two, and the address of a task in Label Studio.
    """
    new = version_at(workspace, b)
    with _before(workspace, a) as before, open_snapshot(workspace, new) as after:
        difference = labeldiff.compare(before, after)
    return difference, (a, new.name), new.pin.link


def _before(workspace: Workspace, rev: str) -> AbstractContextManager[SnapshotFolder]:
    """The labels of a commit, to compare with; where it pins none, all is new."""
    try:
        return open_snapshot(workspace, version_of_commit(workspace, rev))
    except UnpinnedError:
        return nullcontext(EMPTY)
