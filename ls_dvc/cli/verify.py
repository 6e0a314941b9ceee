"""Command verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output, version_tables
from ls_dvc.cli.history import AS_JSON, entry_document, warn_of_shallow
from ls_dvc.cli.output import Cell, Mark
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.workspace import Workspace


@cli.command("verify")
@click.argument("rev", required=False)
@click.option("--all", "all_versions", is_flag=True, help="Check the versions of all branches.")
@click.option(
    "--pull",
    "with_pull",
    is_flag=True,
    help="Run `dvc pull` first, but follow no path out of the repository.",
)
@AS_JSON
@click.pass_obj
def verify_command(
    session: Session, rev: str | None, all_versions: bool, with_pull: bool, as_json: bool
) -> None:
    """Check every byte of the data against labels.lock, without asking the server.

    Without REV: the data in the workspace. With REV or --all: what DVC's cache and remote have of
    that version, or of all versions.
    """
    workspace = session.workspace()
    if all_versions:
        warn_of_shallow(session)
    if with_pull:
        _pull(workspace, with_revision=bool(rev or all_versions))
    if rev or all_versions:
        _verify_versions(workspace, None if all_versions else rev, as_json=as_json)
    else:
        _verify_workspace(workspace, as_json=as_json)


def _pull(workspace: Workspace, *, with_revision: bool) -> None:
    from ls_dvc.commands.pull import pull

    if with_revision:
        raise click.UsageError("--pull brings the data of the workspace: leave out REV and --all")
    pull(workspace)


def _verify_workspace(workspace: Workspace, *, as_json: bool) -> None:
    from ls_dvc.commands.verify import verify
    from ls_dvc.pin import lockfile

    result = verify(workspace)
    if as_json:
        output.document({"ok": not result.problems, **vars(result)})
    elif result.problems:
        rows: list[list[Cell]] = [
            [output.marked("wrong", Mark.REMOVED), problem] for problem in result.problems
        ]
        output.write(output.Table(rows, fixed=(0,)))
    if result.problems:
        raise LsDvcError(
            f"the data is not what {lockfile.NAME} pins ({result.fingerprint[:12]})",
            "run `dvc repro -f` to make it again",
        )
    if not as_json:
        for note in result.notes:
            output.write(f"note: {note}")
        output.write(f"all as pinned: {result.fingerprint[:12]}, {result.tasks} tasks")


def _verify_versions(workspace: Workspace, rev: str | None, *, as_json: bool) -> None:
    from ls_dvc.commands.verify_history import DataState, verify_commit, verify_versions

    findings = verify_commit(workspace, rev) if rev else verify_versions(workspace)
    if not findings:
        raise LsDvcError(
            f"no commit pins labels in {workspace.folder}", "run `git commit` with labels.lock"
        )
    if as_json:
        documents = [
            {
                "state": finding.state.value,
                "words": finding.words,
                **entry_document(finding.entry),
            }
            for finding in findings
        ]
        output.document(documents, indent=2)
    else:
        output.write(version_tables.findings(findings))
    wrong = [finding for finding in findings if finding.state is DataState.WRONG]
    if wrong:
        raise LsDvcError(
            f"{len(wrong)} of {len(findings)} versions are not what their pins say",
            "check out such a commit and run `dvc repro -f`: it starts from the pinned snapshots",
        )
