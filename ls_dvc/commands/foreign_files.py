"""Files that ls-dvc did not write: no command deletes or overwrites them.

People save images where data.yaml says that they belong. Folders are replaced as a whole when
their stage runs, so commands look here first and refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from ls_dvc.check import agreement_report, fault_report
from ls_dvc.commands import own_files
from ls_dvc.convert import plot_files, report_files
from ls_dvc.errors import LsDvcError
from ls_dvc.repo import pipeline
from ls_dvc.workspace import Workspace

SHOWN = 10


def require_none(workspace: Workspace) -> None:
    """`LsDvcError` names the first files that ls-dvc would replace and did not write."""
    require_none_in_snapshot(workspace)
    require_none_in_media(workspace)
    require_none_in_dataset(workspace)
    require_none_in_reports(workspace)
    if named_check_reports(workspace):
        require_none_in_check_reports(workspace)


def require_none_in_snapshot(workspace: Workspace) -> None:
    """The same of data/snapshot."""
    _require_none(workspace.snapshot, lambda: own_files.foreign_in_snapshot(workspace))


def require_none_in_media(workspace: Workspace) -> None:
    """The same of data/media."""
    _require_none(workspace.media, lambda: own_files.foreign_in_media(workspace))


def require_none_in_dataset(workspace: Workspace) -> None:
    """The same of data/dataset."""
    _require_none(workspace.dataset, lambda: own_files.foreign_in_dataset(workspace))


def require_none_in_reports(workspace: Workspace) -> None:
    """The same of the reports of `convert`, by what is in them."""
    reports: dict[Path, Callable[[bytes], bool]] = {
        workspace.labels_report: report_files.is_labels,
        workspace.classes_report: report_files.is_classes,
        workspace.ledger_report: report_files.is_ledger,
        **{path: partial(plot_files.is_own, path.name) for path in named_plots(workspace)},
    }
    _require_own(workspace, reports)


def require_none_in_check_reports(workspace: Workspace) -> None:
    """The same of the reports of `check`."""
    _require_own(
        workspace,
        {
            workspace.faults_report: fault_report.is_faults,
            workspace.check_report: fault_report.is_summary,
            workspace.agreement_report: agreement_report.is_agreement,
        },
    )


def _require_own(workspace: Workspace, reports: Mapping[Path, Callable[[bytes], bool]]) -> None:
    for path, is_own in reports.items():
        is_file = path.is_file() and not path.is_symlink()
        if is_file and (is_own(_start(path)) or own_files.is_recorded(workspace, path)):
            continue
        if is_file or path.is_dir() or path.is_symlink():
            raise LsDvcError(
                f"{path} is no report of ls-dvc, which would overwrite it",
                f"move it away, or name another folder: label_studio.reports ({_THEN_INIT})",
            )


def named_plots(workspace: Workspace) -> list[Path]:
    """The tables for `dvc plots` that dvc.yaml names; one of an earlier version names none."""
    plots = workspace.plot_reports
    return [path for path in plots if pipeline.names_out(workspace.folder, path)]


def named_check_reports(workspace: Workspace) -> list[Path]:
    """The reports of the stage `check` that dvc.yaml names; an earlier one names none."""
    reports = workspace.check_reports
    return [path for path in reports if pipeline.names_out(workspace.folder, path)]


_THEN_INIT = "then run `ls-dvc init`"


def _start(path: Path) -> bytes:
    with path.open("rb") as content:
        return content.read(report_files.START)


def _require_none(folder: Path, find: Callable[[], Sequence[str]]) -> None:
    if folder.is_symlink() or folder.is_file():
        raise LsDvcError(
            f"{folder} is a link or a file, and ls-dvc would put a folder in its place",
            f"move it away, or name another folder: label_studio.data ({_THEN_INIT})",
        )
    foreign = find()
    if not foreign:
        return
    raise LsDvcError(
        "\n".join(
            [f"{folder} has files that ls-dvc did not write and would delete:", *_few(foreign)]
        ),
        f"move them out of {folder}",
    )


def _few(names: Sequence[str]) -> Iterator[str]:
    yield from (f"  {name}" for name in names[:SHOWN])
    if len(names) > SHOWN:
        yield f"  … and {len(names) - SHOWN} more"
