"""How to get data back: the hints for labels that are not available, or could be lost."""

from __future__ import annotations

from collections.abc import Iterable

from ls_dvc.history.availability import Availability
from ls_dvc.history.version import Version
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin

PULL_ALL = "run `dvc pull --all-commits` where the DVC remote can be reached"
UNSHALLOW = "run `git fetch --unshallow` to get the older versions"
RESTORE_PIN = f"run `git checkout -- {lockfile.NAME}` to restore the committed pin"


def export_hint(pin: Pin) -> str:
    """What to do when the labels of a pin cannot be exported."""
    return (
        f"run `dvc pull` to fetch the data of this commit (pinned {pin.pinned_at[:10]}) if it was "
        "pushed, or pin the current labels with `ls-dvc update`"
    )


def version_hint(version: Version) -> str:
    """What to do when the labels of a version are not available here."""
    if not version.rev:
        return "run `dvc repro` to download what is pinned"
    if not version.pin.is_repeatable:
        return (
            "run `dvc push --all-commits` on a machine that has the data: no server can resend it"
        )
    return (
        f"run `git checkout {version.rev[:7]} && dvc repro` to download the pinned snapshots, "
        "unless somebody who has the data can `dvc push` it"
    )


def risk(version: Version, outs: Iterable[Availability]) -> str:
    """How a version could be lost, as a sentence; empty when a remote has all of it."""
    outs = list(outs)
    return _risk_of_labels(version, outs) or _risk_of_media(version, outs)


def _risk_of_media(version: Version, outs: Iterable[Availability]) -> str:
    if version.pin.media is None:
        return ""
    files = f"its {version.pin.media.files} media files"
    path = version.media.path if version.media else None
    media = next((out for out in outs if out.path == path), None)
    if media is None:
        return f"only their sources have {files}: dvc.lock does not name them"
    if media.remote:
        return ""
    if media.cache or media.workspace:
        return f"only this machine and their sources have {files}: run `dvc push`"
    return f"only their sources have {files}"


def _risk_of_labels(version: Version, outs: Iterable[Availability]) -> str:
    path = version.snapshot.path if version.snapshot else None
    snapshot = next((out for out in outs if out.path == path), None)
    repeatable = version.pin.is_repeatable
    if snapshot is None:
        holder = "only the server has it" if repeatable else "nobody has it"
        return f"{holder}: {lockfile.NAME} was committed without dvc.lock"
    if snapshot.remote:
        return ""
    if snapshot.cache or snapshot.workspace:
        holders = "this machine and the server have" if repeatable else "this machine has"
        return f"only {holders} it: run `dvc push`"
    return "only the server has it" if repeatable else "nobody has it"
