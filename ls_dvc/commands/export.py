"""Use cases: the two DVC stages, `export` and `convert`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ls_dvc.commands.update import move_pin
from ls_dvc.errors import LsDvcError, SnapshotGoneError
from ls_dvc.history.open_snapshot import ready
from ls_dvc.history.version import Version, version_of_commit
from ls_dvc.io.files import folder_in_place_of
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, Pin, ServerConversion
from ls_dvc.progress import Reporter
from ls_dvc.repo import dvc_lock, git
from ls_dvc.server import fetch as conversion_request
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import ConversionRequest, fetch_snapshot
from ls_dvc.server.interface import Server
from ls_dvc.snapshot import replay, server_formats, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest, SnapshotFile
from ls_dvc.workspace import Workspace

if TYPE_CHECKING:
    pass

Connect = Callable[[], Server]


def export(workspace: Workspace, connect: Connect, report: Reporter, now: str) -> Pin:
    """Make data/snapshot: exactly what the pin says, or an error.

    Where there never was a pin, one is taken first. The server is asked only for what the
    side cache does not hold, over one connection.
    """
    connect = cache(connect)
    if lockfile.find(workspace.pin) is None:
        from ls_dvc.update import UpdateOptions

        _require_no_lost_pin(workspace)
        report.say(f"{lockfile.NAME} pins nothing yet: pinning the labels as they are now")
        move_pin(workspace, connect(), UpdateOptions(workspace.params.update), report, now)
    pin = _pin(workspace)
    with workspace.writing(), folder_in_place_of(workspace.snapshot) as fresh:
        found = _files(workspace, pin, _locator(pin, workspace.cache, connect, report))
        beside = snapshot_folder.companions(pin.label_config, pin.classes)
        written = server_formats.files(pin.converted, _archives(workspace, pin, connect, report))
        manifest = snapshot_folder.write(fresh, chain(found, beside, written))
        _check_fingerprint(manifest, pin)
    return pin


def _archives(
    workspace: Workspace, pin: Pin, connect: Connect, report: Reporter
) -> server_formats.ReadArchive:
    """Archives from the side cache, else the data of HEAD, else the server; the pinned, or none."""

    def read(wanted: ServerConversion) -> bytes:
        if workspace.cache.holds_archive(wanted.sha256):
            return workspace.cache.archive(wanted.sha256).read_bytes()
        base = _built_on(workspace, pin)
        if base is not None and (held := server_formats.archive_in(base[1], wanted)):
            return held
        (snapshot,) = pin.snapshots
        report.say(f"the server converts snapshot {snapshot.id} to {wanted.format}")
        request = ConversionRequest(
            snapshot, wanted.format, workspace.params.update.conversion_seconds
        )
        with workspace.cache.scratch() as folder:
            try:
                found = conversion_request.fetch_conversion(
                    connect(), request, workspace.cache, folder
                )
            except LsDvcError as error:
                raise LsDvcError(
                    f"what the server wrote as {wanted.format} of the labels "
                    f"{pin.fingerprint[:12]} is not in the side cache, and cannot be made again: "
                    f"{error}",
                    f"{error.hint}; or {_ways_out(pin)}" if error.hint else _ways_out(pin),
                ) from error
        if found != wanted.sha256:
            raise LsDvcError(
                f"{pin.url} writes snapshot {snapshot.id} as {wanted.format} otherwise than when "
                "it was pinned: its version, or the project's label config, is another one",
                _ways_out(pin),
            )
        return workspace.cache.archive(found).read_bytes()

    return read


def _files(workspace: Workspace, pin: Pin, locate: replay.Locate) -> Iterator[SnapshotFile]:
    """The shards of a pin: those of the commit it was built on, with later deltas over them.

    All snapshots are replayed where that commit's data does not lie ready.
    """
    base = _built_on(workspace, pin)
    if base is None:
        return replay.files(replay.tasks(pin.snapshots, locate))
    version, folder = base
    deltas = pin.snapshots[len(version.pin.snapshots) :]
    return replay.over(folder, [replay.layer(each, locate) for each in deltas]).files()


def _built_on(
    workspace: Workspace, pin: Pin
) -> tuple[Version, snapshot_folder.SnapshotFolder] | None:
    try:
        version = version_of_commit(workspace, "HEAD")
        old = version.pin
        if (old.url, old.project_id) != (pin.url, pin.project_id):
            return None
        if pin.snapshots[: len(old.snapshots)] != old.snapshots:
            return None
        folder = ready(workspace, version)
    except LsDvcError:
        return None
    return (version, folder) if folder is not None else None


def _require_no_lost_pin(workspace: Workspace) -> None:
    """A pin that is gone must not be replaced by today's labels without a word."""
    recorded = dvc_lock.fingerprint_in(workspace.dvc_lock)
    committed = git.committed_text(workspace.pin)
    if recorded or (committed and not lockfile.is_empty(committed, f"{lockfile.NAME} in HEAD")):
        labels = f" of the labels {recorded[:12]}" if recorded else ""
        raise LsDvcError(
            f"{lockfile.NAME} pins nothing, but this commit has data{labels}",
            f"bring it back with `git checkout -- {lockfile.NAME}`, or pin the labels of today "
            "with `ls-dvc update`",
        )


def _pin(workspace: Workspace) -> Pin:
    pin = lockfile.read(workspace.pin)
    if pin.project_id != workspace.params.project_id:
        raise LsDvcError(
            f"{lockfile.NAME} pins project {pin.project_id}, params.yaml asks for "
            f"{workspace.params.project_id}",
            "set label_studio.project_id back, or run `ls-dvc update` to pin the other project",
        )
    return pin


def _locator(pin: Pin, cache: Cache, connect: Connect, report: Reporter) -> replay.Locate:
    def locate(snapshot: ExportSnapshot) -> Path:
        if cache.holds(snapshot):
            return cache.path(snapshot)
        if snapshot.kind == "bulk":
            raise LsDvcError(
                f"the labels {pin.fingerprint[:12]} were sent in one request (update.method: "
                "bulk), which no server can repeat, and are not in the side cache",
                _ways_out(pin),
            )
        report.say(f"downloading snapshot {snapshot.id} ({snapshot.tasks} tasks)")
        try:
            return fetch_snapshot(connect(), snapshot, cache)
        except SnapshotGoneError as error:
            raise LsDvcError(f"{error}, and not in the side cache", _ways_out(pin)) from error
        except LsDvcError as error:
            raise LsDvcError(
                f"the labels {pin.fingerprint[:12]} are not in the side cache, and "
                f"cannot be downloaded: {error}",
                f"{error.hint}; or {_ways_out(pin)}" if error.hint else _ways_out(pin),
            ) from error

    return locate


def _ways_out(pin: Pin) -> str:
    return (
        f"`dvc pull` fetches the data of this commit (pinned {pin.pinned_at[:10]}) when it was "
        "pushed; `ls-dvc update` pins the labels of today instead"
    )


def _check_fingerprint(manifest: Manifest, pin: Pin) -> None:
    """The snapshots are checked by MD5 by now, so it is the pin that does not fit them."""
    if manifest.fingerprint != pin.fingerprint:
        raise LsDvcError(
            f"{lockfile.NAME} contradicts itself: its snapshots make the labels "
            f"{manifest.fingerprint[:12]}, its fingerprint is {pin.fingerprint[:12]}",
            f"was it edited or merged by hand? `git checkout -- {lockfile.NAME}` brings the "
            "committed one back, `ls-dvc update --full` takes a new one",
        )
