"""Commands that carry labels to others: refresh into git, restore into Label Studio."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli.session import Session, cli, now
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.commands.refresh import RefreshResult
    from ls_dvc.workspace import Workspace


@cli.command()
@click.option("--all", "everything", is_flag=True, help="Every data set of the repository.")
@click.option(
    "--tag",
    is_flag=False,
    flag_value="labels/v{n}",
    metavar="[PATTERN]",
    help="An annotated tag at the commit; {n} is the next number.  [default: labels/v{n}]",
)
@click.option("--push", is_flag=True, help="`dvc push`, then `git push`.")
@click.option("--branch", metavar="NAME", help="The remote's branch to push to.")
@click.option("--full", is_flag=True, help="Make new snapshots though no labels changed.")
@click.option("--allow-inconsistent", is_flag=True, help="As in `ls-dvc update`.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def refresh(
    session: Session,
    everything: bool,
    tag: str | None,
    push: bool,
    branch: str | None,
    full: bool,
    allow_inconsistent: bool,
    as_json: bool,
) -> None:
    """Update, `dvc repro`, verify, and commit what changed, with a message that says what did."""
    from ls_dvc.commands import refresh as room
    from ls_dvc.update import UpdateOptions

    if branch and not push:
        raise LsDvcError("--branch says where to push", "add --push")
    wish = room.RefreshOptions(tag, push, branch)
    documents, failed = [], dict[str, LsDvcError]()
    for workspace in _places(session, everything=everything):
        order = UpdateOptions(
            workspace.params.update, full=full, allow_inconsistent=allow_inconsistent
        )
        connect = _connector(session, workspace)
        try:
            done = room.refresh(workspace, connect, order, wish, session.reporter(), now())
        except LsDvcError as error:
            if not everything:
                raise
            failed[workspace.folder.name] = error
            click.echo(f"{workspace.folder.name}: {error}", err=True)
            continue
        documents.append(_document(workspace, done))
        if not as_json:
            click.echo(_told(workspace, done, several=everything))
    if as_json:
        click.echo(json.dumps(documents if everything else documents[0]))
    if failed:
        raise LsDvcError(f"failed: {', '.join(failed)}", next(iter(failed.values())).hint)


def _places(session: Session, *, everything: bool) -> Iterator[Workspace]:
    from ls_dvc.pin import lockfile
    from ls_dvc.repo import git
    from ls_dvc.settings import params

    if not everything:
        yield session.workspace()
        return
    found = [each.parent for each in git.tracked(session.folder, lockfile.NAME)]
    folders = [each for each in found if (each / params.NAME).is_file()]
    if not folders:
        raise LsDvcError(
            f"git tracks no {lockfile.NAME} in the repository of {session.folder}",
            "`ls-dvc init` in the folder of a data set makes one",
        )
    yield from map(session.workspace, folders)


def _connector(session: Session, workspace: Workspace) -> Any:
    return lambda: session.server(workspace)


def _document(workspace: Workspace, done: RefreshResult) -> dict[str, Any]:
    return {
        "folder": str(workspace.folder),
        "changed": bool(done.rev),
        "rev": done.rev,
        "subject": done.subject,
        "tag": done.tag,
        "pushed": done.pushed,
        "fingerprint": done.pin.fingerprint,
    }


def _told(workspace: Workspace, done: RefreshResult, *, several: bool) -> str:
    where = f"{workspace.folder.name}: " if several else ""
    if not done.rev:
        late = ", pushed what an earlier run could not" if done.pushed else ""
        return f"{where}no labels changed: {done.pin.fingerprint[:12]}{late}"
    tag = f", tagged {done.tag}" if done.tag else ""
    pushed = ", pushed" if done.pushed else ""
    return f"{where}{done.rev[:7]} {done.subject}{tag}{pushed}"
