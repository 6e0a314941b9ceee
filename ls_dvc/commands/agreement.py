"""Whether pin, settings, dvc.lock, data and reports agree; every check is offline.

DVC reads the settings when a stage has ended. Between our last look and that moment somebody can
edit or check out a file, and DVC then takes the data for that of the new ones. So the data says
itself what it was made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ls_dvc.commands import own_files
from ls_dvc.commands.stored_conversion import current_setting
from ls_dvc.convert import dataset_folder, writers
from ls_dvc.convert.dataset_folder import DatasetManifest
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import sha256_of
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import dvc_lock, pipeline
from ls_dvc.settings import params
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.workspace import Workspace


def problems(workspace: Workspace, pin: Pin) -> Iterator[str]:
    """What does not agree, but for the labels: `verify` compares these itself."""
    if pin.project_id != workspace.params.project_id:
        asked = workspace.params.project_id
        yield f"{lockfile.NAME} pins project {pin.project_id}, {params.NAME} asks for {asked}"
    yield from _dvc_lock_problems(workspace)
    with suppress(LsDvcError):  # then the manifest is among the problems
        manifest = dataset_folder.read_manifest(workspace.dataset)
        yield from _settings_problems(workspace, manifest)
        served = workspace.params.served
        yield from writers.others_than_pinned(pin, manifest.formats, served)
        yield from _report_problems(workspace, manifest)


def unnoticed(workspace: Workspace, pin: Pin) -> str:
    """What DVC takes for up to date, and is of another pin or of other settings; mostly nothing.

    Only manifests are read.
    """
    if dvc_lock.fingerprint_in(workspace.dvc_lock) != pin.fingerprint:
        return ""
    if next(_dvc_lock_problems(workspace), None) is not None:
        return ""  # DVC sees that, too
    with suppress(LsDvcError):
        if snapshot_folder.read(workspace.snapshot).fingerprint != pin.fingerprint:
            return f"{workspace.snapshot} holds other labels than the pin"
    with suppress(LsDvcError):
        manifest = dataset_folder.read_manifest(workspace.dataset)
        if manifest.fingerprint != pin.fingerprint:
            return f"{workspace.dataset} was made from other labels than the pin"
        return next(_settings_problems(workspace, manifest), "")
    return ""


def _settings_problems(workspace: Workspace, manifest: DatasetManifest) -> Iterator[str]:
    if manifest.settings not in (None, workspace.params.converting):
        yield f"{workspace.dataset} was made with other settings than {params.NAME} has"


def _report_problems(workspace: Workspace, manifest: DatasetManifest) -> Iterator[str]:
    for path in (workspace.labels_report, workspace.classes_report, workspace.ledger_report):
        digest = manifest.reports.get(path.name)
        if digest is None:
            continue
        if not path.is_file():
            yield f"{path} is missing"
        elif sha256_of(path) != digest:
            yield f"{path} was changed since it was converted, or belongs to another data set"


def _dvc_lock_problems(workspace: Workspace) -> Iterator[str]:
    """Where dvc.lock names other settings, writers or reports than are there."""
    if not workspace.dvc_lock.is_file():
        return
    for key, value in _recorded(workspace, params.NAME).items():
        if current_setting(workspace, key) != value:
            yield f"{dvc_lock.NAME} was made with another {key} than {params.NAME} has"
    pinned = yaml_files.load(workspace.pin)
    for key, value in _recorded(workspace, lockfile.NAME).items():
        if key != "fingerprint" and pinned.get(key) != value:
            yield f"{dvc_lock.NAME} was made with other {key} than {lockfile.NAME} has"
    yield from _recorded_report_problems(workspace)


def _recorded_report_problems(workspace: Workspace) -> Iterator[str]:
    reports = (workspace.labels_report, workspace.classes_report, workspace.ledger_report)
    for path in (*reports, *workspace.plot_reports, *workspace.check_reports):
        if path.is_file() and own_files.is_other_in_lock(workspace, path):
            yield f"{path} is not the one that {dvc_lock.NAME} names"
    for path in workspace.check_reports:
        if own_files.is_missing(workspace, path):
            yield f"{path} is missing"


def _recorded(workspace: Workspace, file: str) -> Mapping[str, Any]:
    text, where = yaml_files.read_text(workspace.dvc_lock), str(workspace.dvc_lock)
    try:
        ours = set(pipeline.stage_names(workspace.folder))
    except LsDvcError:
        return {}  # there is a dvc.lock, but no stages
    return dvc_lock.settings(text, where, ours, file)
