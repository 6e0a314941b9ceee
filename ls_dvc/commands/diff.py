"""Use case: the label diff of two versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from ls_dvc import labeldiff
from ls_dvc.history.open_snapshot import EMPTY, open_snapshot
from ls_dvc.history.version import UnpinnedError, Version, version_at, version_of_commit
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

TaskLink = Callable[[int], str]


@dataclass(frozen=True)
class OpenVersions:
    """Two versions to compare; `version` is the newer one, `names` what to call the two."""

    before: SnapshotFolder
    after: SnapshotFolder
    version: Version
    names: tuple[str, str]


@contextmanager
def open_versions(workspace: Workspace, a: str, b: str | None) -> Iterator[OpenVersions]:
    """Commit `a` and commit `b` (None: the workspace); no server is asked."""
    new = version_at(workspace, b)
    with _before(workspace, a) as before, open_snapshot(workspace, new) as after:
        yield OpenVersions(before, after, new, (a, new.name))


def diff_versions(
    workspace: Workspace, a: str, b: str | None
) -> tuple[LabelDiff, tuple[str, str], TaskLink]:
    """What differs between commit `a` and commit `b` (None: the workspace).

    With it, what to call the two, and the address of a task in Label Studio.
    """
    with open_versions(workspace, a, b) as versions:
        difference = labeldiff.compare(versions.before, versions.after)
    return difference, versions.names, versions.version.pin.link


def _before(workspace: Workspace, rev: str) -> AbstractContextManager[SnapshotFolder]:
    """The labels of a commit, to compare with; where it pins none, all is new."""
    try:
        return open_snapshot(workspace, version_of_commit(workspace, rev))
    except UnpinnedError:
        return nullcontext(EMPTY)
