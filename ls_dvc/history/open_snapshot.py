"""The snapshot folder of a version, from the nearest source that has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ls_dvc.history import recovery
from ls_dvc.history.snapshot_sources import CachedPieces, folder_sources
from ls_dvc.history.sources import Source, first_available
from ls_dvc.history.version import Version
from ls_dvc.pin.pin import Pin
from ls_dvc.server.cache import Cache
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.manifest import Manifest
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk, SnapshotFolder
from ls_dvc.workspace import Workspace

EMPTY = SnapshotFolder(FolderOnDisk(Path("nothing")), Manifest({}))  # before the first version


@contextmanager
def open_snapshot(workspace: Workspace, version: Version) -> Iterator[SnapshotFolder]:
    """The snapshot folder of a version, from the first source that has it; no server is asked.

    That is the workspace, then DVC's cache and remote, then what the side cache rebuilds.
    `UnavailableError` has the reason of each when none does.
    """
    with ExitStack() as stack:
        sources = [
            *folder_sources(workspace, version),
            Source("the side cache", lambda: _rebuilt(workspace.cache, version.pin, stack)),
        ]
        what = f"the labels {version.pin.fingerprint[:12]} of {version.name}"
        yield first_available(what, sources, recovery.version_hint(version))


def _rebuilt(cache: Cache, pin: Pin, stack: ExitStack) -> SnapshotFolder:
    """The snapshot folder in a temporary folder that lasts as long as `stack`."""
    files = CachedPieces(cache).snapshot_files(pin)
    folder = stack.enter_context(cache.scratch())
    snapshot_folder.write(folder, files)
    return snapshot_folder.read(folder)
