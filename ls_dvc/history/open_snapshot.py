"""The snapshot folder of a version, from the nearest place that has it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from ls_dvc.errors import LsDvcError, RemoteError
from ls_dvc.history.version import Version
from ls_dvc.io.files import TEMPORARY
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import paths
from ls_dvc.repo.dvc import DvcStore, StoredSnapshot
from ls_dvc.snapshot import replay, server_formats, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

NOTHING = SnapshotFolder(
    snapshot_folder.FolderOnDisk(Path("nothing")), Manifest({})
)  # what a first version is against


def dvc_store(workspace: Workspace) -> DvcStore:
    """DVC's cache and remote for a data set."""
    return DvcStore(paths.dvc_root(workspace.folder))


@contextmanager
def open_snapshot(workspace: Workspace, version: Version) -> Iterator[SnapshotFolder]:
    """The snapshot folder of a version, from the nearest place that has it; no server is asked.

    That is the workspace, then DVC's cache and remote, then the raw snapshots in the side cache.
    `LsDvcError` says how to get it when it is in none of them.
    """
    found = ready(workspace, version)
    if found is not None:
        yield found
    elif _is_in_cache(workspace, version.pin):
        workspace.cache.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=workspace.cache.root) as name:
            yield _replayed(workspace, version.pin, Path(name))
    else:
        raise LsDvcError(
            f"the labels {version.pin.fingerprint[:12]} of {version.name} are not in the "
            "workspace, nor in DVC's cache or remote, nor in the side cache",
            _ways_out(version),
        )


def ready(workspace: Workspace, version: Version) -> SnapshotFolder | None:
    """The snapshot folder in the workspace, else in DVC's cache or remote; None if in neither."""
    return _in_workspace(workspace, version) or stored(workspace, version)


def stored(workspace: Workspace, version: Version) -> SnapshotFolder | None:
    """The snapshot folder in DVC's cache or remote, if it is there and fits the pin."""
    if version.snapshot is None:
        return None
    name = f"{version.snapshot.path} of {version.name}"
    return _fitting(StoredSnapshot(dvc_store(workspace), version.snapshot.md5, name), version)


def _ways_out(version: Version) -> str:
    if not version.rev:
        return "run `dvc repro`, which downloads what is pinned"
    if not version.pin.is_repeatable:
        return "no server can send them again; whoever has the data can `dvc push --all-commits` it"
    short = version.rev[:7]
    return (
        f"`git checkout {short} && dvc repro` downloads the pinned snapshots while the server has "
        "them; whoever has the data can `dvc push --all-commits` it to a remote"
    )


def _in_workspace(workspace: Workspace, version: Version) -> SnapshotFolder | None:
    return _fitting(snapshot_folder.FolderOnDisk(workspace.snapshot), version)


def _fitting(source: snapshot_folder.SnapshotSource, version: Version) -> SnapshotFolder | None:
    try:
        found = snapshot_folder.read(source)
    except RemoteError:
        raise
    except LsDvcError:
        return None
    return found if found.fingerprint == version.pin.fingerprint else None


def _is_in_cache(workspace: Workspace, pin: Pin) -> bool:
    archives = [each.sha256 for each in pin.converted if each.sha256]
    held = workspace.cache.holds_archive
    return all(map(workspace.cache.holds, pin.snapshots)) and all(map(held, archives))


def _replayed(workspace: Workspace, pin: Pin, folder: Path) -> SnapshotFolder:
    tasks = replay.tasks(pin.snapshots, workspace.cache.path)
    beside = snapshot_folder.companions(pin.label_config, pin.classes)
    written = server_formats.files(
        pin.converted, lambda each: workspace.cache.archive(each.sha256).read_bytes()
    )
    snapshot_folder.write(folder, chain(replay.files(tasks), beside, written))
    return snapshot_folder.read(folder)
