"""Use cases: the two DVC stages, `export` and `convert`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ls_dvc.server import fetch as conversion_request
from ls_dvc.snapshot import server_formats as converted
from ls_dvc.convert import gates
from ls_dvc.pin import lockfile as lock
from ls_dvc.convert import build as make
from ls_dvc.snapshot import replay
from ls_dvc.convert import report_files as reports
from ls_dvc.history import version as revision
from ls_dvc.snapshot import folder as shards
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import Request
from ls_dvc.errors import (SnapshotGoneError, UserError)
from ls_dvc.io.files import (folder_in_place_of, write_atomically)
from ls_dvc.pin.lockfile import (Converted, Pin)
from ls_dvc.workspace import Place
from ls_dvc.server.interface import (Server, fetch)
from ls_dvc.repo import dvc_lock as dvclock
from ls_dvc.repo import git
from ls_dvc.progress import Reporter

if TYPE_CHECKING:
    from ls_dvc.update import Order

Connect = Callable[[], Server]


def move_pin(place: Place, server: Server, order: Order, report: Reporter, now: str) -> Pin:
    """Update labels.lock when the labels moved; the pin that is there afterwards."""
    from ls_dvc.update import update

    with place.writing(), ExitStack() as kept:
        old = lock.find(place.pin)
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
            lock.write(place.pin, pin)
        return pin


def export(place: Place, connect: Connect, report: Reporter, now: str) -> Pin:
    """Make data/snapshot: exactly what the pin says, or an error.

    Where there never was a pin, one is taken first. The server is asked only for what the
    side cache does not hold, over one connection.
    """
    connect = cache(connect)
    if lock.find(place.pin) is None:
        from ls_dvc.update import Order

        _require_no_lost_pin(place)
        report.say(f"{lock.NAME} pins nothing yet: pinning the labels as they are now")
        move_pin(place, connect(), Order(place.params.update), report, now)
    pin = _pin(place)
    with place.writing(), folder_in_place_of(place.snapshot) as fresh:
        found = _files(place, pin, _locator(pin, place.cache, connect, report))
        beside = shards.companions(pin.label_config, pin.classes)
        written = converted.files(pin.converted, _archives(place, pin, connect, report))
        manifest = shards.write(fresh, chain(found, beside, written))
        _check_fingerprint(manifest, pin)
    return pin


def _archives(place: Place, pin: Pin, connect: Connect, report: Reporter) -> converted.Read:
    """Archives from the side cache, else the data of HEAD, else the server; the pinned, or none."""

    def read(wanted: Converted) -> bytes:
        if place.cache.holds_archive(wanted.sha256):
            return place.cache.archive(wanted.sha256).read_bytes()
        base = _built_on(place, pin)
        if base is not None and (held := converted.archive_in(base[1], wanted)):
            return held
        (snapshot,) = pin.snapshots
        report.say(f"the server converts snapshot {snapshot.id} to {wanted.format}")
        request = Request(snapshot, wanted.format, place.params.update.conversion_seconds)
        with place.cache.scratch() as folder:
            try:
                found = conversion_request.fetch(connect(), request, place.cache, folder)
            except UserError as error:
                raise UserError(
                    f"what the server wrote as {wanted.format} of the labels "
                    f"{pin.fingerprint[:12]} is not in the side cache, and cannot be made again: "
                    f"{error}",
                    f"{error.hint}; or {_ways_out(pin)}" if error.hint else _ways_out(pin),
                ) from error
        if found != wanted.sha256:
            raise UserError(
                f"{pin.url} writes snapshot {snapshot.id} as {wanted.format} otherwise than when "
                "it was pinned: its version, or the project's label config, is another one",
                _ways_out(pin),
            )
        return place.cache.archive(found).read_bytes()

    return read


def _files(place: Place, pin: Pin, locate: replay.Locate) -> Iterator[shards.File]:
    """The shards of a pin: those of the commit it was built on, with later deltas over them.

    All snapshots are replayed where that commit's data does not lie ready.
    """
    base = _built_on(place, pin)
    if base is None:
        return replay.files(replay.tasks(pin.snapshots, locate))
    version, folder = base
    deltas = pin.snapshots[len(version.pin.snapshots) :]
    return replay.over(folder, [replay.layer(each, locate) for each in deltas]).files()


def _built_on(place: Place, pin: Pin) -> tuple[revision.Version, shards.Folder] | None:
    try:
        version = revision.committed(place, "HEAD")
        old = version.pin
        if (old.url, old.project_id) != (pin.url, pin.project_id):
            return None
        if pin.snapshots[: len(old.snapshots)] != old.snapshots:
            return None
        folder = revision.ready(place, version)
    except UserError:
        return None
    return (version, folder) if folder is not None else None


def convert(place: Place, report: Reporter, jobs: int = 1) -> make.Made:
    """Make data/dataset and the reports from data/snapshot; no network. What each format wrote.

    A gate of the settings that does not hold is a `UserError`, and nothing was replaced.
    """
    folder = shards.read(place.snapshot)
    pin = lock.find(place.pin)
    if pin is not None and folder.fingerprint != pin.fingerprint:
        raise UserError(
            f"{place.snapshot} holds the labels {folder.fingerprint[:12]}, "
            f"{lock.NAME} pins {pin.fingerprint[:12]}",
            "run `dvc repro`, which exports first",
        )
    settings = place.params
    served = converted.served(folder, settings.served)
    for name, why in converted.outcomes(folder).items():
        if why and name in settings.served:
            became = f"the server's conversion {converted.words(why)} when it was pinned"
            report.say(f"warning: {name} is written by our own converter: {became}")
    wanted = make.Order(settings.formats, settings.policy, jobs, settings.layout, served)
    with place.writing(), folder_in_place_of(place.dataset) as fresh:
        made = make.make(fresh, folder, wanted, report)
        gates.check(settings.gates, made.ledgers, pin, pin.link if pin else str)
    found = made.survey
    write_atomically(place.labels_report, reports.labels(found, made.ledgers, made.served))
    write_atomically(place.classes_report, reports.classes(found, made.labels))
    write_atomically(place.ledger_report, b"".join(reports.ledger(made.ledgers, made.served)))
    return made


def _opened(place: Place, kept: ExitStack, rev: str | None) -> shards.Folder | None:
    """The labels of a commit, or of the workspace, if they lie ready; open as long as `kept`."""
    try:
        return kept.enter_context(revision.opened(place, revision.at(place, rev)))
    except UserError:
        return None


def _require_no_lost_pin(place: Place) -> None:
    """A pin that is gone must not be replaced by today's labels without a word."""
    recorded = dvclock.fingerprint_in(place.dvc_lock)
    committed = git.committed_text(place.pin)
    if recorded or (committed and not lock.is_empty(committed, f"{lock.NAME} in HEAD")):
        labels = f" of the labels {recorded[:12]}" if recorded else ""
        raise UserError(
            f"{lock.NAME} pins nothing, but this commit has data{labels}",
            f"bring it back with `git checkout -- {lock.NAME}`, or pin the labels of today "
            "with `ls-dvc update`",
        )


def _pin(place: Place) -> Pin:
    pin = lock.read(place.pin)
    if pin.project_id != place.params.project_id:
        raise UserError(
            f"{lock.NAME} pins project {pin.project_id}, params.yaml asks for "
            f"{place.params.project_id}",
            "set label_studio.project_id back, or run `ls-dvc update` to pin the other project",
        )
    return pin


def _locator(pin: Pin, cache: Cache, connect: Connect, report: Reporter) -> replay.Locate:
    def locate(snapshot: lock.Snapshot) -> Path:
        if cache.holds(snapshot):
            return cache.path(snapshot)
        if snapshot.kind == "bulk":
            raise UserError(
                f"the labels {pin.fingerprint[:12]} were sent in one request (update.method: "
                "bulk), which no server can repeat, and are not in the side cache",
                _ways_out(pin),
            )
        report.say(f"downloading snapshot {snapshot.id} ({snapshot.tasks} tasks)")
        try:
            return fetch(connect(), snapshot, cache)
        except SnapshotGoneError as error:
            raise UserError(f"{error}, and not in the side cache", _ways_out(pin)) from error
        except UserError as error:
            raise UserError(
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
        raise UserError(
            f"{lock.NAME} contradicts itself: its snapshots make the labels "
            f"{manifest.fingerprint[:12]}, its fingerprint is {pin.fingerprint[:12]}",
            f"was it edited or merged by hand? `git checkout -- {lock.NAME}` brings the "
            "committed one back, `ls-dvc update --full` takes a new one",
        )
