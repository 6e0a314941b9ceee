"""Use case: is the data in the workspace what labels.lock pins? Offline, by reading every byte."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from ls_dvc.commands import agreement
from ls_dvc.convert import dataset_folder, writers
from ls_dvc.errors import LsDvcError
from ls_dvc.history import media_damage
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import dvc_lock
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.workspace import Workspace

SHOWN = 100  # media files with other bytes


@dataclass(frozen=True)
class VerifyResult:
    """What was found. `problems` are sentences; empty means that the data is what is pinned.

    `notes` are no problems: formats that this ls-dvc would write with other bytes, and what an
    earlier one did not write down.
    """

    fingerprint: str
    tasks: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(workspace: Workspace) -> VerifyResult:
    """Check pin, settings, dvc.lock, data/snapshot, data/media, data/dataset and reports.

    Each must be as the others say: DVC would take data of other settings for up to date.
    """
    pin = lockfile.require(workspace.pin)
    problems = [*_dvc_lock_problems(workspace, pin), *_snapshot_problems(workspace, pin)]
    problems += _media_problems(workspace)
    if workspace.dataset.exists():
        problems += dataset_folder.problems(workspace.dataset, pin.fingerprint)
    else:
        problems.append(f"{workspace.dataset} is missing")
    problems += agreement.problems(workspace, pin)
    return VerifyResult(pin.fingerprint, pin.tasks, tuple(problems), _notes(workspace, pin))


def _notes(workspace: Workspace, pin: Pin) -> tuple[str, ...]:
    try:
        manifest = dataset_folder.read_manifest(workspace.dataset)
    except LsDvcError:
        return ()  # it is among the problems
    notes = writers.notes(pin, manifest.formats, workspace.params.served)
    if manifest.settings is None:
        notes.append(f"{workspace.dataset} does not name its settings: an earlier ls-dvc made it")
    return tuple(notes)


def _dvc_lock_problems(workspace: Workspace, pin: Pin) -> list[str]:
    recorded = dvc_lock.fingerprint_in(workspace.dvc_lock)
    if recorded in (None, pin.fingerprint):
        return []
    made_from = f"{recorded[:12]}, the pin is {pin.fingerprint[:12]}"
    return [f"dvc.lock was made from the labels {made_from}"]


def _media_problems(workspace: Workspace) -> list[str]:
    """The first of what is wrong with data/media, if the labels come with media."""
    try:
        found = media_damage.in_workspace(workspace, snapshot_folder.read(workspace.snapshot))
        return list(islice(found, SHOWN))
    except LsDvcError:
        return []  # data/snapshot is among the problems


def _snapshot_problems(workspace: Workspace, pin: Pin) -> list[str]:
    try:
        folder = snapshot_folder.read(workspace.snapshot)
        folder.check()
    except LsDvcError as error:
        return [str(error)]
    if folder.fingerprint != pin.fingerprint:
        labels = f"{folder.fingerprint[:12]}, the pin is {pin.fingerprint[:12]}"
        return [f"{workspace.snapshot} holds the labels {labels}"]
    return []
