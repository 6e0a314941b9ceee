"""The snapshot folder of a version if this machine has it, without DVC, a network, or writing."""

from __future__ import annotations

from ls_dvc.errors import LsDvcError
from ls_dvc.history.open_snapshot import EMPTY
from ls_dvc.history.snapshot_sources import CachedPieces, matching_folder
from ls_dvc.history.sources import AbsentError, Source, first_available
from ls_dvc.history.version import Version
from ls_dvc.repo import dvc_cache, paths
from ls_dvc.repo.dvc_cache import CachedFolder
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk, SnapshotFolder
from ls_dvc.workspace import Workspace

_REBUILT = 5_000  # tasks of a version that is rebuilt in memory at most: a second


def local_snapshot(workspace: Workspace, version: Version) -> SnapshotFolder | None:
    """From the workspace, DVC's cache, or the side cache; None where none of them has it."""
    sources = [
        Source("the workspace", lambda: matching_folder(FolderOnDisk(workspace.snapshot), version)),
        Source("DVC's cache", lambda: _stored(workspace, version)),
        Source("the side cache", lambda: _rebuilt(workspace, version)),
    ]
    try:
        return first_available("the labels", sources, "")
    except LsDvcError:
        return None


def _stored(workspace: Workspace, version: Version) -> SnapshotFolder:
    if version.snapshot is None:
        raise AbsentError("dvc.lock does not name the data")
    cache = dvc_cache.cache_folder(paths.dvc_root(workspace.folder))
    return matching_folder(CachedFolder(cache, version.snapshot.md5), version)


def _rebuilt(workspace: Workspace, version: Version) -> SnapshotFolder:
    """In memory, which small versions alone are."""
    pin = version.pin
    if pin.tasks > _REBUILT or pin.converted:
        raise AbsentError("it would take long to rebuild them")
    return EMPTY.patched(CachedPieces(workspace.cache).snapshot_files(pin), ())
