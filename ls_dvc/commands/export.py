"""Use cases: the two DVC stages, `export` and `convert`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ls_dvc.convert import build, gates, report_files
from ls_dvc.errors import LsDvcError, SnapshotGoneError
from ls_dvc.history import version as revision
from ls_dvc.io.files import folder_in_place_of, write_atomically
from ls_dvc.pin import lockfile
from ls_dvc.pin.lockfile import Pin, ServerConversion
from ls_dvc.progress import Reporter
from ls_dvc.repo import dvc_lock, git
from ls_dvc.server import fetch as conversion_request
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import ConversionRequest
from ls_dvc.server.interface import Server, fetch
from ls_dvc.snapshot import folder as shards
from ls_dvc.snapshot import replay, server_formats
from ls_dvc.workspace import Workspace

if TYPE_CHECKING:
    from ls_dvc.update import UpdateOptions

Connect = Callable[[], Server]


def move_pin(
    place: Workspace, server: Server, order: UpdateOptions, report: Reporter, now: str
) -> Pin:
    """Update labels.lock when the labels moved; the pin that is there afterwards."""
    from ls_dvc.update import update

    with place.writing(), ExitStack() as kept:
        old = lockfile.find(place.pin)
        same = old if old is not None and old.project_id == place.params.project_id else None
        order = replace(
            order,
            pinned=lambda: _opened(place, kept, None),
            base=lambda: _opened(place, kept, "HEAD"),
            renames=place.params.classes.rename,
            served=place.params.served,
        )
        pin = update(server, same, place.cache, order, report, now)
        if pin != old:
            lockfile.write(place.pin, pin)
        return pin


def export(place: Workspace, connect: Connect, report: Reporter, now: str) -> Pin:
    """Make data/snapshot: exactly what the pin says, or an error.

    Where there never was a pin, one is taken first. The server is asked only for what the
    side cache does not hold, over one connection.
    """
    connect = cache(connect)
    if lockfile.find(place.pin) is None:
        from ls_dvc.update import UpdateOptions

        _require_no_lost_pin(place)
        report.say(f"{lockfile.NAME} pins nothing yet: pinning the labels as they are now")
        move_pin(place, connect(), UpdateOptions(place.params.update), report, now)
    pin = _pin(place)
    with place.writing(), folder_in_place_of(place.snapshot) as fresh:
        found = _files(place, pin, _locator(pin, place.cache, connect, report))
        beside = shards.companions(pin.label_config, pin.classes)
        written = server_formats.files(pin.converted, _archives(place, pin, connect, report))
        manifest = shards.write(fresh, chain(found, beside, written))
        _check_fingerprint(manifest, pin)
    return pin


def _archives(
    place: Workspace, pin: Pin, connect: Connect, report: Reporter
) -> server_formats.ReadArchive:
    """Archives from the side cache, else the data of HEAD, else the server; the pinned, or none."""

    def read(wanted: ServerConversion) -> bytes:
        if place.cache.holds_archive(wanted.sha256):
            return place.cache.archive(wanted.sha256).read_bytes()
        base = _built_on(place, pin)
        if base is not None and (held := server_formats.archive_in(base[1], wanted)):
            return held
        (snapshot,) = pin.snapshots
        report.say(f"the server converts snapshot {snapshot.id} to {wanted.format}")
        request = ConversionRequest(snapshot, wanted.format, place.params.update.conversion_seconds)
        with place.cache.scratch() as folder:
            try:
                found = conversion_request.fetch(connect(), request, place.cache, folder)
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
        return place.cache.archive(found).read_bytes()

    return read


def _files(place: Workspace, pin: Pin, locate: replay.Locate) -> Iterator[shards.SnapshotFile]:
    """The shards of a pin: those of the commit it was built on, with later deltas over them.

    All snapshots are replayed where that commit's data does not lie ready.
    """
    base = _built_on(place, pin)
    if base is None:
        return replay.files(replay.tasks(pin.snapshots, locate))
    version, folder = base
    deltas = pin.snapshots[len(version.pin.snapshots) :]
    return replay.over(folder, [replay.layer(each, locate) for each in deltas]).files()


def _built_on(place: Workspace, pin: Pin) -> tuple[revision.Version, shards.SnapshotFolder] | None:
    try:
        version = revision.committed(place, "HEAD")
        old = version.pin
        if (old.url, old.project_id) != (pin.url, pin.project_id):
            return None
        if pin.snapshots[: len(old.snapshots)] != old.snapshots:
            return None
        folder = revision.ready(place, version)
    except LsDvcError:
        return None
    return (version, folder) if folder is not None else None


def convert(place: Workspace, report: Reporter, jobs: int = 1) -> build.BuildResult:
    """Make data/dataset and the reports from data/snapshot; no network. What each format wrote.

    A gate of the settings that does not hold is a `LsDvcError`, and nothing was replaced.
    """
    folder = shards.read(place.snapshot)
    pin = lockfile.find(place.pin)
    if pin is not None and folder.fingerprint != pin.fingerprint:
        raise LsDvcError(
            f"{place.snapshot} holds the labels {folder.fingerprint[:12]}, "
            f"{lockfile.NAME} pins {pin.fingerprint[:12]}",
            "run `dvc repro`, which exports first",
        )
    settings = place.params
    served = server_formats.served(folder, settings.served)
    for name, why in server_formats.outcomes(folder).items():
        if why and name in settings.served:
            became = f"the server's conversion {server_formats.words(why)} when it was pinned"
            report.say(f"warning: {name} is written by our own converter: {became}")
    wanted = build.BuildOptions(settings.formats, settings.policy, jobs, settings.layout, served)
    with place.writing(), folder_in_place_of(place.dataset) as fresh:
        made = build.build(fresh, folder, wanted, report)
        gates.check(settings.gates, made.ledgers, pin, pin.link if pin else str)
    found = made.survey
    write_atomically(place.labels_report, report_files.labels(found, made.ledgers, made.served))
    write_atomically(place.classes_report, report_files.classes(found, made.labels))
    write_atomically(place.ledger_report, b"".join(report_files.ledger(made.ledgers, made.served)))
    return made


def _opened(place: Workspace, kept: ExitStack, rev: str | None) -> shards.SnapshotFolder | None:
    """The labels of a commit, or of the workspace, if they lie ready; open as long as `kept`."""
    try:
        return kept.enter_context(revision.opened(place, revision.at(place, rev)))
    except LsDvcError:
        return None


def _require_no_lost_pin(place: Workspace) -> None:
    """A pin that is gone must not be replaced by today's labels without a word."""
    recorded = dvc_lock.fingerprint_in(place.dvc_lock)
    committed = git.committed_text(place.pin)
    if recorded or (committed and not lockfile.is_empty(committed, f"{lockfile.NAME} in HEAD")):
        labels = f" of the labels {recorded[:12]}" if recorded else ""
        raise LsDvcError(
            f"{lockfile.NAME} pins nothing, but this commit has data{labels}",
            f"bring it back with `git checkout -- {lockfile.NAME}`, or pin the labels of today "
            "with `ls-dvc update`",
        )


def _pin(place: Workspace) -> Pin:
    pin = lockfile.read(place.pin)
    if pin.project_id != place.params.project_id:
        raise LsDvcError(
            f"{lockfile.NAME} pins project {pin.project_id}, params.yaml asks for "
            f"{place.params.project_id}",
            "set label_studio.project_id back, or run `ls-dvc update` to pin the other project",
        )
    return pin


def _locator(pin: Pin, cache: Cache, connect: Connect, report: Reporter) -> replay.Locate:
    def locate(snapshot: lockfile.ExportSnapshot) -> Path:
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
            return fetch(connect(), snapshot, cache)
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


def _check_fingerprint(manifest: shards.Manifest, pin: Pin) -> None:
    """The snapshots are checked by MD5 by now, so it is the pin that does not fit them."""
    if manifest.fingerprint != pin.fingerprint:
        raise LsDvcError(
            f"{lockfile.NAME} contradicts itself: its snapshots make the labels "
            f"{manifest.fingerprint[:12]}, its fingerprint is {pin.fingerprint[:12]}",
            f"was it edited or merged by hand? `git checkout -- {lockfile.NAME}` brings the "
            "committed one back, `ls-dvc update --full` takes a new one",
        )
