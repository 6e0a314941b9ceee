"""The data set: its settings, its stages, its pin, and whether the data belongs to the pin."""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.commands.doctor.findings import Check, Finding, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.commands.init_stages import dvc_yaml, stages_for
from ls_dvc.convert import writers
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.repo import dvc_lock, pipeline


def _settings(patient: Patient) -> Iterator[Finding]:
    params = patient.workspace.params
    yield ok(f"project {params.project_id}, formats {', '.join(params.formats)}")


def _stages(patient: Patient) -> Iterator[Finding]:
    names = pipeline.stage_names(patient.folder)
    text = yaml_files.read_text(patient.folder / pipeline.DVC_YAML)
    exporting = next((name for name in names if name.endswith("export")), "export")
    stages = stages_for(patient.workspace.params.plain(), exporting.removesuffix("export"))
    try:
        is_current = dvc_yaml(text, stages, lambda _: False) == text
    except LsDvcError:
        yield note(
            f"{', '.join(names)} are not as `ls-dvc init` writes them",
            "ls-dvc init --force, if nobody meant that",
        )
        return
    if is_current:
        yield ok(", ".join(names))
    else:
        yield warning(
            f"{', '.join(names)} are those of another ls-dvc, or of other settings", "ls-dvc init"
        )


def _pin(patient: Patient) -> Iterator[Finding]:
    pin, params = patient.pin, patient.workspace.params
    if pin is None:
        yield note("no labels are pinned yet", "ls-dvc update")
        return
    yield ok(
        f"{pin.fingerprint[:12]} of {pin.pinned_at[:10]}: tasks: {pin.tasks}, "
        f"snapshots: {len(pin.snapshots)}"
    )
    if pin.project_id != params.project_id:
        yield note(
            f"it is of project {pin.project_id}, and the settings name {params.project_id}",
            "ls-dvc update",
        )
    old = writers.outdated(pin, params.encoded_formats) if pin.writers else []
    if old:
        yield warning(
            f"another ls-dvc ({pin.ls_dvc or 'unknown'}) pinned the writers of {', '.join(old)}, "
            "and this one writes other bytes, so `ls-dvc convert` refuses",
            "ls-dvc update",
        )


def _data(patient: Patient) -> Iterator[Finding]:
    """By what dvc.lock says; `verify` reads the data."""
    if patient.pin is None:
        yield ok("there is nothing to make yet")
        return
    made = dvc_lock.fingerprint_in(patient.workspace.dvc_lock)
    if made is None:
        yield note("the data of the pin has not been made yet", "dvc repro")
    elif made != patient.pin.fingerprint:
        yield warning(f"dvc.lock is of the labels {made[:12]}, not of the pin", "dvc repro")
    elif not patient.workspace.dataset.exists():
        yield note("the data of the pin is not in the workspace", "dvc pull, or dvc repro")
    else:
        yield ok("dvc.lock is of the pin; `ls-dvc verify` reads every byte")


CHECKS = (
    Check("data.settings", _settings, needs=("dvc.repository",)),
    Check("data.stages", _stages, needs=("data.settings",)),
    Check("data.pin", _pin, needs=("data.settings",)),
    Check("data.made", _data, needs=("data.pin",)),
)
