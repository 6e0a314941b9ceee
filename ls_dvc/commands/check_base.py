"""The faults that are known already: the report that a commit has in git. No data is needed."""

from __future__ import annotations

import os
import posixpath

from ls_dvc.check import fault_report
from ls_dvc.check.fault_report import RecordedCheck
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.repo import git
from ls_dvc.repo.git_command import open_repository
from ls_dvc.settings import params
from ls_dvc.settings.known_servers import default_branch
from ls_dvc.workspace import Workspace

SHORT = 7  # digits of a commit's hash, in messages

# The commit that a merge request starts from, as GitLab names it.
_GITLAB = "CI_MERGE_REQUEST_DIFF_BASE_SHA"


def base_of(workspace: Workspace, against: str | None) -> tuple[RecordedCheck | None, str]:
    """The report of the commit `against`, and what to call that commit.

    None where it has no report. Without `against` it is HEAD; in CI, the commit where this branch
    left the default branch.
    """
    if against is None and git.head(workspace.folder) is None:
        return None, ""
    rev = against or _usual(workspace)
    full = git.resolve(workspace.folder, rev)
    name = full[:SHORT] if rev == full else rev
    return recorded_in(workspace, full, name), name


def recorded_in(workspace: Workspace, rev: str, name: str) -> RecordedCheck | None:
    """The report of the commit `rev`, a full hash, which messages call `name`; None for none."""
    folder = git.folder_at(workspace.folder, rev, workspace.pin)
    return None if folder is None else _recorded(workspace, rev, folder, name)


def _usual(workspace: Workspace) -> str:
    """What to compare with unless somebody says so."""
    if named := os.environ.get(_GITLAB):
        return named
    if not os.environ.get("CI"):
        return "HEAD"
    return _branch_point(workspace) or "HEAD"


def _branch_point(workspace: Workspace) -> str | None:
    """Where HEAD left the default branch; of a merge that CI made of both, the base of it."""
    branch = default_branch(open_repository(workspace.folder))
    found = git.merge_base(workspace.folder, branch, "HEAD") if branch else None
    if found is not None and found != git.head(workspace.folder):
        return found
    return git.first_parent_of_merge(workspace.folder) or found


def _recorded(workspace: Workspace, rev: str, folder: str, name: str) -> RecordedCheck | None:
    (settings,) = git.contents(workspace.folder, [(rev, posixpath.join(folder, params.NAME))])
    reports = posixpath.join(folder, reports_folder(settings or "", name))
    names = (fault_report.FAULTS, fault_report.SUMMARY)
    places = [(rev, posixpath.join(reports, each)) for each in names]
    faults, summary = git.contents(workspace.folder, places)
    if faults is None:
        return None
    try:
        return fault_report.recorded(faults, summary)
    except (ValueError, KeyError, TypeError) as error:
        raise LsDvcError(
            f"{fault_report.FAULTS} or {fault_report.SUMMARY} in {name} cannot be read: {error}",
            "compare with another commit: --against REV",
        ) from error


def reports_folder(settings: str, name: str) -> str:
    """Where the reports are by the text of a params.yaml, which messages call `name`."""
    document = yaml_files.parse(settings, f"{params.NAME} in {name}")
    block = document.get(params.BLOCK) if isinstance(document, dict) else None
    return str(block.get("reports", "reports")) if isinstance(block, dict) else "reports"
