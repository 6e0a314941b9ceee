"""Use case: the faults of versions by the reports that git has of them; no data is needed."""

from __future__ import annotations

from ls_dvc.check import accepted, fault_report
from ls_dvc.check.fault_changes import FaultChanges, between
from ls_dvc.check.fault_report import RecordedCheck
from ls_dvc.commands.check_base import SHORT, recorded_in
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.repo import git
from ls_dvc.workspace import Workspace


def fault_changes(workspace: Workspace, a: str, b: str | None) -> FaultChanges | None:
    """The faults that came and went between commit `a` and commit `b` (None: the workspace).

    None where one of them has no report. What labels.accepted of the newer one names is not new.
    """
    before, after = recorded_at(workspace, a), recorded_at(workspace, b)
    if before is None or after is None:
        return None
    return between(before, after, _accepted(workspace, b))


def recorded_at(workspace: Workspace, rev: str | None) -> RecordedCheck | None:
    """The report of a commit, or of the workspace; None where there is none."""
    if rev is not None:
        full = git.resolve(workspace.folder, rev)
        return recorded_in(workspace, full, full[:SHORT])
    faults, summary = workspace.faults_report, workspace.check_report
    if not is_there(faults):
        return None
    known = yaml_files.read_text(summary) if is_there(summary) else None
    try:
        return fault_report.recorded(yaml_files.read_text(faults), known)
    except (ValueError, KeyError, TypeError) as error:
        raise LsDvcError(f"{faults} cannot be read: {error}", "run `dvc repro`") from error


def _accepted(workspace: Workspace, rev: str | None) -> frozenset[str]:
    name = workspace.params.check.accept
    path = workspace.folder / name
    if rev is None:
        text = yaml_files.read_text(path) if is_there(path) else None
    else:
        full = git.resolve(workspace.folder, rev)
        folder = git.folder_at(workspace.folder, full, workspace.pin) or ""
        (text,) = git.contents(workspace.folder, [(full, f"{folder}/{name}".lstrip("/"))])
    return frozenset(accepted.parse(text, name)) if text else frozenset()
