"""Use case: the label diff of two versions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ls_dvc import labeldiff
from ls_dvc.history import open_snapshot, version
from ls_dvc.history.open_snapshot import NOTHING
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.snapshot.folder import SnapshotFolder
from ls_dvc.workspace import Workspace

TaskLink = Callable[[int], str]


def diff(
    workspace: Workspace, a: str, b: str | None
) -> tuple[LabelDiff, tuple[str, str], TaskLink]:
    """What differs between commit `a` and commit `b` (None: the workspace).

    With it, what to call the two, and the address of a task in Label Studio.
    """
    new = version.at(workspace, b)
    with _before(workspace, a) as before, open_snapshot.opened(workspace, new) as after:
        found = labeldiff.compare(before, after)
    return found, (a, new.name), new.pin.link


def _before(workspace: Workspace, rev: str) -> AbstractContextManager[SnapshotFolder]:
    """The labels of a commit, to compare with; where it pins none, all is new."""
    try:
        return open_snapshot.opened(workspace, version.of_commit(workspace, rev))
    except version.UnpinnedError:
        return nullcontext(NOTHING)
