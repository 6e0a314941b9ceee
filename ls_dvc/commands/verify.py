"""Use case: is what lies here what the pin says? Offline, by reading every byte."""

from __future__ import annotations

from dataclasses import dataclass

from ls_dvc.convert import dataset_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock
from ls_dvc.snapshot import folder as shards
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class VerifyResult:
    """What was found. `problems` are sentences; empty means that all of it holds."""

    fingerprint: str
    tasks: int
    problems: tuple[str, ...]


def verify(place: Workspace) -> VerifyResult:
    """Check labels.lock, dvc.lock, data/snapshot and data/dataset against each other."""
    pin = lockfile.find(place.pin)
    if pin is None:
        raise LsDvcError(f"{place.pin} pins nothing yet", "`dvc repro` or `ls-dvc update` does")
    found = [*_recorded(place, pin.fingerprint), *_snapshot(place, pin)]
    if place.dataset.exists():
        found += dataset_folder.problems(place.dataset, pin.fingerprint)
    else:
        found.append(f"{place.dataset} is not there")
    return VerifyResult(pin.fingerprint, pin.tasks, tuple(found))


def _recorded(place: Workspace, fingerprint: str) -> list[str]:
    recorded = dvc_lock.fingerprint_in(place.dvc_lock)
    if recorded in (None, fingerprint):
        return []
    return [f"dvc.lock was made from the labels {recorded[:12]}, the pin is {fingerprint[:12]}"]


def _snapshot(place: Workspace, pin: lockfile.Pin) -> list[str]:
    try:
        folder = shards.read(place.snapshot)
        folder.check()
    except LsDvcError as error:
        return [str(error)]
    if folder.fingerprint != pin.fingerprint:
        held = f"{folder.fingerprint[:12]}, the pin is {pin.fingerprint[:12]}"
        return [f"{place.snapshot} holds the labels {held}"]
    return []
