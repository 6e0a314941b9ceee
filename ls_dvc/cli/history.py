"""Commands about versions of labels across git."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import tables
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from ls_dvc.history.log import VersionEntry

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@cli.command()
@click.argument("what", nargs=-1, metavar="[REVISIONS | DIR]...")
@click.option("--oneline", is_flag=True, help="A short line for each version.")
@AS_JSON
@click.pass_obj
def log(session: Session, what: tuple[str, ...], oneline: bool, as_json: bool) -> None:
    """Every commit that moved the pin, newest first.

    REVISIONS as git takes them (v1..v2, --all after a --). DIRs are the folders of data sets,
    where a repository has several.
    """
    from ls_dvc.history import log as history
    from ls_dvc.io.iso_time import parse_time

    folders = [session.folder / each for each in what if (session.folder / each).is_dir()]
    revisions = [each for each in what if not (session.folder / each).is_dir()]
    found = [
        entry for folder in folders or [session.folder] for entry in history.log(folder, revisions)
    ]
    if len(folders) > 1:
        found.sort(key=lambda each: parse_time(each.date), reverse=True)
    _warn_of_shallow(session)
    if as_json:
        click.echo(json.dumps([_log_document(each) for each in found], indent=2))
    elif not found:
        session.reporter().say("no commit pins labels here")
    else:
        several = len(folders) > 1
        lines = map(tables.oneline, found) if oneline else tables.log(found, several=several)
        click.echo("\n".join(lines))


@cli.command()
@click.argument("rev", required=False)
@AS_JSON
@click.pass_obj
def show(session: Session, rev: str | None, as_json: bool) -> None:
    """One version: its pin, counts, ledger totals, and where its data is (REV: the workspace)."""
    from ls_dvc.commands.show import show as look
    from ls_dvc.history.version import version_at

    workspace = session.workspace()
    shown = look(workspace, version_at(workspace, rev))
    click.echo(json.dumps(shown.document(), indent=2) if as_json else "\n".join(tables.show(shown)))


@cli.command()
@click.argument("a", default="HEAD")
@click.argument("b", required=False)
@click.option("--stat", is_flag=True, help="Only a summary.")
@click.option("--markdown", is_flag=True, help="For a pull request comment.")
@click.option("--limit", default=20, show_default=True, help="Tasks to list with --markdown.")
@AS_JSON
@click.pass_obj
def diff(
    session: Session, a: str, b: str | None, stat: bool, markdown: bool, limit: int, as_json: bool
) -> None:
    """Which labels differ between two versions (A: HEAD; B: the workspace)."""
    from ls_dvc.commands.diff import diff_versions
    from ls_dvc.labeldiff.render import markdown as page
    from ls_dvc.labeldiff.render import plain_text

    workspace = session.workspace()
    found, names, link = diff_versions(workspace, a, b)
    if as_json:
        click.echo(json.dumps(found.document(), indent=2))
    elif stat:
        click.echo(plain_text.stat(found))
    elif markdown:
        click.echo(page.markdown(found, names, link, limit))
    else:
        click.echo(plain_text.text(found, names).rstrip("\n"))


@cli.command()
@click.argument("task", type=click.IntRange(min=1))
@AS_JSON
@click.pass_obj
def blame(session: Session, task: int, as_json: bool) -> None:
    """The versions in which TASK (a task's id) came, changed or went, newest first, and how."""
    from ls_dvc.commands.blame import blame as find
    from ls_dvc.labeldiff.render import wording

    changes = find(session.workspace(), task)
    if as_json:
        documents = [
            {
                **_log_document(each.entry),
                "change": each.change.document() if each.change else None,
            }
            for each in changes
        ]
        click.echo(json.dumps(documents, indent=2))
        return
    for each in changes:
        entry, told = each.entry, ["its data is nowhere at hand"]
        if each.change:
            told = wording.task(each.change, wording.Style())
        sign = wording.SIGNS[each.change.kind] if each.change else "?"
        click.echo(f"{entry.rev[: tables.SHORT_REV]}  {entry.date[:10]}  {entry.author}  {sign}")
        click.echo("".join(f"    {line}\n" for line in told), nl=False)


@cli.command()
@click.argument("rev")
@click.argument("folder", metavar="DIR")
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT", help="Repeatable.")
@click.pass_obj
def get(session: Session, rev: str, folder: str, formats: tuple[str, ...]) -> None:
    """Put the data set of REV into the new folder DIR; the workspace stays as it is."""
    from ls_dvc.commands.get import get as fetch
    from ls_dvc.history.version import version_of_commit
    from ls_dvc.settings import rules

    for each in formats:
        rules.require_format(each, served=True)
    workspace = session.workspace()
    target = session.folder / folder
    got = fetch(workspace, version_of_commit(workspace, rev), target, formats, session.reporter())
    how = "converted" if got.converted else "copied"
    click.echo(f"{how} {', '.join(got.formats)} of {got.fingerprint[:12]} to {folder}")


def _log_document(entry: VersionEntry) -> dict[str, object]:
    return {**vars(entry), "tags": list(entry.tags)}


def _warn_of_shallow(session: Session) -> None:
    from ls_dvc.repo import git

    if git.is_shallow(session.folder):
        session.reporter().say(
            "this clone is shallow, so older versions are missing: `git fetch --unshallow`"
        )
