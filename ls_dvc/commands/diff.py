"""Use case: the label diff of two versions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ls_dvc import labeldiff
from ls_dvc.history import version
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.snapshot.folder import SnapshotFolder
from ls_dvc.workspace import Workspace

TaskLink = Callable[[int], str]


def diff(place: Workspace, a: str, b: str | None) -> tuple[LabelDiff, tuple[str, str], TaskLink]:
    """What differs between commit `a` and commit `b` (None: the workspace).

    With it, what to call the two, and the address of a task in Label Studio.
    """
    new = version.at(place, b)
    with _before(place, a) as before, version.opened(place, new) as after:
        found = labeldiff.compare(before, after)
    return found, (a, new.name), new.pin.link


def _before(place: Workspace, rev: str) -> AbstractContextManager[SnapshotFolder]:
    """The labels of a commit, to compare with; where it pins none, all is new."""
    try:
        return version.opened(place, version.committed(place, rev))
    except version.UnpinnedError:
        return nullcontext(version.NOTHING)
