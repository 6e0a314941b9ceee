"""Use case: the stage `export`, from labels.lock to data/snapshot."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from ls_dvc.commands import foreign_files, lost_pin, set_aside, stage_inputs
from ls_dvc.commands.update import move_pin
from ls_dvc.errors import LsDvcError
from ls_dvc.history import recovery
from ls_dvc.history.snapshot_sources import Connect, PinnedPieces
from ls_dvc.io import replacing
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.repo import dvc_lock
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest
from ls_dvc.workspace import Workspace


def export(workspace: Workspace, connect: Connect, report: Reporter, now: str) -> Pin:
    """Make data/snapshot: exactly what the pin says, or an error; the pin.

    Where there never was a pin, one is taken first. The server is asked only for what no other
    source has, over one connection.
    """
    connect = cache(connect)
    if lockfile.find(workspace.pin) is None:
        _take_first_pin(workspace, connect, report, now)
    with workspace.writing():
        return _export(workspace, connect, report)


def _export(workspace: Workspace, connect: Connect, report: Reporter) -> Pin:
    pin = _read_pin(workspace)
    foreign_files.require_none_in_snapshot(workspace)
    pieces = PinnedPieces(workspace, pin, connect, report)
    before = _manifest(workspace)

    def last_look() -> None:
        foreign_files.require_none_in_snapshot(workspace)
        stage_inputs.require_unchanged(workspace, pin)

    with replacing.in_place_of(workspace.snapshot, last_look) as outputs:
        manifest = snapshot_folder.write(outputs.folder, pieces.snapshot_files())
        _check_fingerprint(manifest, pin)
    if before is not None and before.fingerprint != manifest.fingerprint:
        moved = media_map.moved(before, manifest)
        set_aside.for_next_stage(workspace, with_media=moved)
    return pin


def _manifest(workspace: Workspace) -> Manifest | None:
    """What data/snapshot holds; None when it cannot be read."""
    with suppress(LsDvcError):
        return snapshot_folder.read(workspace.snapshot).manifest
    return None


def _take_first_pin(workspace: Workspace, connect: Connect, report: Reporter, now: str) -> None:
    from ls_dvc.update import UpdateOptions

    lost_pin.require_none(workspace, dvc_lock.fingerprint_in(workspace.dvc_lock) or "")
    report.say(f"no labels are pinned in {lockfile.NAME}: pinning the current labels")
    move_pin(workspace, connect(), UpdateOptions(workspace.params.update), report, now)


def _read_pin(workspace: Workspace) -> Pin:
    pin = lockfile.read(workspace.pin)
    if pin.project_id != workspace.params.project_id:
        raise LsDvcError(
            f"{lockfile.NAME} pins project {pin.project_id}, params.yaml asks for "
            f"{workspace.params.project_id}",
            "run `ls-dvc update` to pin the other project",
        )
    if pin.media is None and workspace.params.fetched_media is not None:
        raise LsDvcError(
            f"label_studio.media in params.yaml asks for media, and {lockfile.NAME} pins none yet",
            "run `ls-dvc update` to pin them, or `ls-dvc update --no-media` to go on without",
        )
    return pin


def _check_fingerprint(manifest: Manifest, pin: Pin) -> None:
    """The snapshots were checked by MD5, so a difference is a contradiction within the pin."""
    if manifest.fingerprint != pin.fingerprint:
        raise LsDvcError(
            f"{lockfile.NAME} contradicts itself (was it edited or merged by hand?): its snapshots "
            f"make the labels {manifest.fingerprint[:12]}, its fingerprint is "
            f"{pin.fingerprint[:12]}",
            recovery.RESTORE_PIN,
        )
