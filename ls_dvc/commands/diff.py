"""Use case: the label diff of two versions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ls_dvc import labeldiff
from ls_dvc.history import version as revision
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.workspace import Place
from ls_dvc.snapshot.folder import Folder

Link = Callable[[int], str]


def diff(place: Place, a: str, b: str | None) -> tuple[LabelDiff, tuple[str, str], Link]:
    """What differs between commit `a` and commit `b` (None: the workspace).

    With it, what to call the two, and the address of a task in Label Studio.
    """
    new = revision.at(place, b)
    with _before(place, a) as before, revision.opened(place, new) as after:
        found = labeldiff.compare(before, after)
    return found, (a, new.name), new.pin.link


def _before(place: Place, rev: str) -> AbstractContextManager[Folder]:
    """The labels of a commit, to compare with; where it pins none, all is new."""
    try:
        return revision.opened(place, revision.committed(place, rev))
    except revision.UnpinnedError:
        return nullcontext(revision.NOTHING)
