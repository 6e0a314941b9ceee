"""data/snapshot as a stage reads it: it must hold what labels.lock pins."""

from __future__ import annotations

from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import dvc_lock
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


def read_snapshot(workspace: Workspace) -> SnapshotFolder:
    """The snapshot folder of the workspace; `LsDvcError` when it holds other labels than pinned."""
    folder = snapshot_folder.read(workspace.snapshot)
    pin = lockfile.find(workspace.pin)
    if pin is not None and folder.fingerprint != pin.fingerprint:
        raise LsDvcError(
            f"{workspace.snapshot} holds the labels {folder.fingerprint[:12]}, "
            f"{lockfile.NAME} pins {pin.fingerprint[:12]}",
            _hint(workspace, pin),
        )
    return folder


def _hint(workspace: Workspace, pin: Pin) -> str:
    if dvc_lock.fingerprint_in(workspace.dvc_lock) == pin.fingerprint:
        return "run `dvc repro -f`: DVC takes the snapshot for that of the pin"
    return "run `dvc repro`, which runs the export first"
