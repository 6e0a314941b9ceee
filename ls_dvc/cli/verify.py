"""Command verify."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import tables
from ls_dvc.cli.history import AS_JSON, _log_document
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.workspace import Workspace


@cli.command()
@click.argument("rev", required=False)
@click.option("--all", "everything", is_flag=True, help="Every version that any branch can reach.")
@AS_JSON
@click.pass_obj
def verify(session: Session, rev: str | None, everything: bool, as_json: bool) -> None:
    """Check offline, byte by byte, that the data is what labels.lock pins.

    Without REV the data that lies here; with it, or with --all, what DVC holds of versions.
    """
    workspace = session.workspace()
    if rev or everything:
        _audit(workspace, None if everything else rev, as_json=as_json)
    else:
        _verify(workspace, as_json=as_json)


def _verify(workspace: Workspace, *, as_json: bool) -> None:
    from ls_dvc.commands.verify import verify as check
    from ls_dvc.pin import lockfile

    verdict = check(workspace)
    if as_json:
        click.echo(json.dumps({"ok": not verdict.problems, **vars(verdict)}))
    else:
        for problem in verdict.problems:
            click.echo(f"wrong: {problem}")
    if verdict.problems:
        raise LsDvcError(
            f"the data here is not what {lockfile.NAME} pins ({verdict.fingerprint[:12]})",
            "`dvc repro` makes what is pinned (`-f` when DVC thinks that nothing changed)",
        )
    if not as_json:
        click.echo(f"all as pinned: {verdict.fingerprint[:12]}, {verdict.tasks} tasks")


def _audit(workspace: Workspace, rev: str | None, *, as_json: bool) -> None:
    from ls_dvc.commands.verify_history import DataState, audit, of_commit

    findings = of_commit(workspace, rev) if rev else audit(workspace)
    if not findings:
        raise LsDvcError(f"no commit pins labels in {workspace.folder}", "commit labels.lock first")
    if as_json:
        documents = [
            {"state": each.state.value, "words": each.words, **_log_document(each.entry)}
            for each in findings
        ]
        click.echo(json.dumps(documents, indent=2))
    else:
        click.echo("\n".join(tables.audit(findings)))
    wrong = [each for each in findings if each.state is DataState.WRONG]
    if wrong:
        raise LsDvcError(
            f"{len(wrong)} of {len(findings)} versions are not what their pins say",
            "check such a commit out and run `dvc repro -f`: it starts from the pinned snapshots",
        )
