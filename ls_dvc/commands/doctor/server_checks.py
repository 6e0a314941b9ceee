"""The server: whether it answers, which one it is, and what the key's user may do there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from ls_dvc.commands.doctor.findings import Check, Finding, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.commands.doctor.versions_checks import numbers
from ls_dvc.labels import label_config

_TESTED = ("1.10.1", "1.23.2")  # the oldest and the newest Label Studio
_FAR = timedelta(minutes=2)


def _version(patient: Patient) -> Iterator[Finding]:
    """The first request: of a server that does not answer there is an error."""
    yield of_version(patient.about.release)


def of_version(release: str) -> Finding:
    """The finding on a version of Label Studio."""
    oldest, newest = map(numbers, _TESTED)
    if oldest <= numbers(release) <= newest:
        return ok(f"Label Studio {release} is among those that are tested")
    tested = f"{_TESTED[0]} to {_TESTED[1]} are tested"
    if numbers(release) < oldest:
        return warning(f"Label Studio {release} is older than all that are tested ({tested})")
    return note(f"Label Studio {release} is newer than all that are tested ({tested})")


def _clock(patient: Patient) -> Iterator[Finding]:
    yield of_clock(patient.about.now, datetime.now(timezone.utc))


def of_clock(server: datetime | None, here: datetime) -> Finding:
    """The finding on two clocks."""
    if server is None:
        return note("the server does not say what time it has")
    gap = server - here
    if abs(gap) < _FAR:
        return ok("both clocks agree")
    way = "ahead of" if gap > timedelta() else "behind"
    return warning(
        f"the server's clock is {abs(gap).total_seconds():.0f} s {way} that of this machine: "
        "ages are wrong by as much, and access tokens may end early",
        "timedatectl set-ntp true, on the one that is wrong",
    )


def _key(patient: Patient) -> Iterator[Finding]:
    patient.require_valid_key()
    yield ok("the server knows the key")


def _project(patient: Patient) -> Iterator[Finding]:
    """The title is nobody's business."""
    probe, view = patient.state.probe, patient.server.view
    of_view = f", view {view}" if view is not None else ""
    yield ok(
        f"project {patient.state.project_id}{of_view}: tasks: {probe.tasks}, "
        f"annotations: {probe.annotations}"
    )


def _config(patient: Patient) -> Iterator[Finding]:
    where = f"the label config of project {patient.state.project_id}"
    config = label_config.parse(patient.state.label_config, where)
    yield ok(f"controls: {len(config.controls)}, objects: {len(config.objects)}")


def _exports(patient: Patient) -> Iterator[Finding]:
    """Listing snapshots needs the permission that making one needs; none is made."""
    listed = patient.server.listed()
    ours = sum(snapshot.is_ours for snapshot in listed)
    yield ok(f"the key's user may export; ls-dvc made {ours} of the {len(listed)} newest snapshots")


CHECKS = (
    Check("server.version", _version, needs=("connection.address",), asks=True),
    Check("server.clock", _clock, needs=("server.version",), asks=True),
    Check("server.key", _key, needs=("server.version",), asks=True),
    Check("server.project", _project, needs=("server.key",), asks=True),
    Check("server.config", _config, needs=("server.project",), asks=True),
    Check("server.exports", _exports, needs=("server.project",), asks=True),
)
