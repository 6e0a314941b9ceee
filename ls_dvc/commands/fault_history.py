"""Use case: the faults of versions by the reports that git has of them; no data is needed."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.check import accepted, fault_report
from ls_dvc.check.fault_changes import FaultChanges, between
from ls_dvc.check.fault_report import RecordedCheck, RecordedFault
from ls_dvc.commands.check_base import SHORT, recorded_in, reports_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.history.log import VersionEntry
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.repo import git
from ls_dvc.repo.git import Commit
from ls_dvc.settings import params
from ls_dvc.workspace import Workspace

NAME = re.compile(r"[0-9a-f]{16}|(?=.*[a-f])[0-9a-f]{6,15}")  # of a fault: digits alone are a task


@dataclass(frozen=True)
class FaultStep:
    """A commit in which a fault came, or went (`came` is false)."""

    commit: Commit
    fault: RecordedFault
    came: bool


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


def fault_counts(folder: Path, entries: Sequence[VersionEntry]) -> list[int | None]:
    """How many faults each version has by its reports; None where it has none."""
    roots = [(entry.rev, posixpath.dirname(entry.path)) for entry in entries]
    settings = git.contents(folder, [(rev, posixpath.join(at, params.NAME)) for rev, at in roots])
    places = [
        (rev, posixpath.join(at, reports_folder(text or "", rev[:SHORT]), fault_report.SUMMARY))
        for (rev, at), text in zip(roots, settings, strict=True)
    ]
    return [_count(text) for text in git.contents(folder, places)]


def _count(summary: str | None) -> int | None:
    try:
        found = json.loads(summary or "{}").get("faults")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, int) else None


def blame_fault(workspace: Workspace, name: str) -> list[FaultStep]:
    """The commits in which the fault came and went, newest first; no labels are read.

    `name` is its fingerprint, or the beginning of it. `LsDvcError` for none and for several.
    """
    folder, text = workspace.folder, f'{{"fault":"{name}'
    commits = git.history_of_text(folder, workspace.faults_report, text)
    places = [(commit.rev, commit.path) for commit in commits]
    places += [(f"{commit.rev}^", commit.path) for commit in commits]
    found = [_starting(content or "", text) for content in git.contents(folder, places)]
    after, before = found[: len(commits)], found[len(commits) :]
    steps = [
        FaultStep(commit, fault, bool(now))
        for commit, now, then in zip(commits, after, before, strict=True)
        for fault in now or then
    ]
    if len({step.fault.fingerprint for step in steps}) == 1:
        return steps
    raise LsDvcError(
        f"several faults begin with {name!r}" if steps else f"no commit reports a fault {name!r}",
        "`ls-dvc check --all` lists faults with their numbers",
    )


def _starting(content: str, start: str) -> list[RecordedFault]:
    lines = "\n".join(line for line in content.split("\n") if line.startswith(start))
    return [*fault_report.recorded(lines, None).faults.values()]
