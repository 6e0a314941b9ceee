"""Command refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import output
from ls_dvc.cli.session import Session, cli, now
from ls_dvc.errors import LsDvcError
from ls_dvc.io.standard_error import tell

if TYPE_CHECKING:
    from ls_dvc.commands.refresh import RefreshResult
    from ls_dvc.server.project import LabelStudioProject
    from ls_dvc.workspace import Workspace


@cli.command("refresh")
@click.option(
    "--all", "all_data_sets", is_flag=True, help="Refresh all data sets of the repository."
)
@click.option(
    "--tag",
    is_flag=False,
    flag_value="labels/v{n}",
    metavar="[PATTERN]",
    help="Tag the commit; {n} in PATTERN is the next number.  [default: labels/v{n}]",
)
@click.option("--push", is_flag=True, help="Run `dvc push`, then `git push`.")
@click.option("--branch", metavar="NAME", help="With --push: the branch of the remote.")
@click.option("--full", is_flag=True, help="Export all tasks, even if no labels changed.")
@click.option("--allow-inconsistent", is_flag=True, help="As in `ls-dvc update`.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def refresh_command(
    session: Session,
    all_data_sets: bool,
    tag: str | None,
    push: bool,
    branch: str | None,
    full: bool,
    allow_inconsistent: bool,
    as_json: bool,
) -> None:
    """Update, run `dvc repro`, verify, and commit with a summary of what changed.

    Without changes, nothing is committed. If a step fails, the pin and the data stay as before.
    """
    from ls_dvc.commands.refresh import RefreshOptions, refresh
    from ls_dvc.update import UpdateOptions

    if branch and not push:
        raise LsDvcError("--branch needs --push", "add --push")
    options = RefreshOptions(tag, push, branch)
    documents, failed = [], dict[str, LsDvcError]()
    for workspace, connect in _connecting(session, all_data_sets=all_data_sets, full=full):
        update_options = UpdateOptions(
            workspace.params.update, full=full, allow_inconsistent=allow_inconsistent
        )
        try:
            result = refresh(workspace, connect, update_options, options, session.reporter(), now())
        except LsDvcError as error:
            if not all_data_sets:
                raise
            failed[workspace.folder.name] = error
            tell(f"{workspace.folder.name}: {error}")
            continue
        documents.append(_document(workspace, result))
        if not as_json:
            output.write(_line(workspace, result, with_name=all_data_sets))
    if as_json:
        output.document(documents if all_data_sets else documents[0])
    if failed:
        raise LsDvcError(f"failed: {', '.join(failed)}", next(iter(failed.values())).hint)


def _workspaces(session: Session, *, all_data_sets: bool) -> Iterator[Workspace]:
    from ls_dvc.pin import lockfile
    from ls_dvc.repo import git
    from ls_dvc.settings import params

    if not all_data_sets:
        yield session.workspace()
        return
    pinned = [path.parent for path in git.tracked(session.folder, lockfile.NAME)]
    folders = [folder for folder in pinned if (folder / params.NAME).is_file()]
    if not folders:
        raise LsDvcError(
            f"git tracks no {lockfile.NAME} in the repository of {session.folder}",
            "run `ls-dvc init` in the folder of a data set, then commit",
        )
    yield from map(session.workspace, folders)


def _connecting(
    session: Session, *, all_data_sets: bool, full: bool
) -> Iterator[tuple[Workspace, Callable[[], LabelStudioProject]]]:
    """Each data set, and what connects to its project: those of many are asked at once."""
    from ls_dvc.commands.ask_all import connections, unchanged_projects

    workspaces = [*_workspaces(session, all_data_sets=all_data_sets)]
    projects: list[LabelStudioProject | None] = [None] * len(workspaces)
    if all_data_sets and not full:
        projects = unchanged_projects(workspaces, session.server)
    for workspace, project in zip(workspaces, projects, strict=True):
        yield workspace, partial(next, connections(project, partial(session.server, workspace)))


def _document(workspace: Workspace, result: RefreshResult) -> dict[str, Any]:
    return {
        "folder": str(workspace.folder),
        "changed": bool(result.rev),
        "rev": result.rev,
        "subject": result.subject,
        "tag": result.tag,
        "pushed": result.pushed,
        "fingerprint": result.pin.fingerprint,
    }


def _line(workspace: Workspace, result: RefreshResult, *, with_name: bool) -> str:
    name = f"{workspace.folder.name}: " if with_name else ""
    tag = f", tagged {result.tag}" if result.tag else ""
    if not result.rev:
        pushed = ", pushed the commits of an earlier run" if result.pushed else ""
        return f"{name}no labels changed: {result.pin.fingerprint[:12]}{tag}{pushed}"
    pushed = ", pushed" if result.pushed else ""
    return f"{name}{result.rev[:7]} {result.subject}{tag}{pushed}"
