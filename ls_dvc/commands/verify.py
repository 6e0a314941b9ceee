"""Use case: is what lies here what the pin says? Offline, by reading every byte."""

from __future__ import annotations

from dataclasses import dataclass

from ls_dvc.convert import dataset_folder, writers
from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import dvc_lock
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class VerifyResult:
    """What was found. `problems` are sentences; empty means that the data is as pinned.

    `notes` are no problems: formats that this ls-dvc would write with other bytes.
    """

    fingerprint: str
    tasks: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(workspace: Workspace) -> VerifyResult:
    """Check labels.lock, dvc.lock, data/snapshot and data/dataset against each other."""
    pin = lockfile.require(workspace.pin)
    found = [*_recorded(workspace, pin.fingerprint), *_snapshot(workspace, pin)]
    if workspace.dataset.exists():
        found += dataset_folder.problems(workspace.dataset, pin.fingerprint)
    else:
        found.append(f"{workspace.dataset} is not there")
    return VerifyResult(pin.fingerprint, pin.tasks, tuple(found), _writer_notes(workspace, pin))


def _writer_notes(workspace: Workspace, pin: Pin) -> tuple[str, ...]:
    try:
        manifest = dataset_folder.read_manifest(workspace.dataset)
    except LsDvcError:
        return ()  # `problems` has it
    return tuple(writers.notes(pin, manifest.formats, workspace.params.served))


def _recorded(workspace: Workspace, fingerprint: str) -> list[str]:
    recorded = dvc_lock.fingerprint_in(workspace.dvc_lock)
    if recorded in (None, fingerprint):
        return []
    return [f"dvc.lock was made from the labels {recorded[:12]}, the pin is {fingerprint[:12]}"]


def _snapshot(workspace: Workspace, pin: Pin) -> list[str]:
    try:
        folder = snapshot_folder.read(workspace.snapshot)
        folder.check()
    except LsDvcError as error:
        return [str(error)]
    if folder.fingerprint != pin.fingerprint:
        held = f"{folder.fingerprint[:12]}, the pin is {pin.fingerprint[:12]}"
        return [f"{workspace.snapshot} holds the labels {held}"]
    return []
