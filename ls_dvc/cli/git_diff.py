"""Command git-diff, which git runs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from ls_dvc.cli import output, version_tables
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError


@cli.command("git-diff")
@click.option("--text", "as_text", is_flag=True, help="Print the pin in one file as text.")
@click.argument("arguments", nargs=-1, required=True, metavar="ARGUMENTS")
@click.pass_obj
def git_diff_command(session: Session, arguments: tuple[str, ...], as_text: bool) -> None:
    """Say in words what changed in a labels.lock, for `git diff`; `ls-dvc init` sets it up.

    ARGUMENTS are what git gives to an external diff. On a terminal there are only words; elsewhere
    the patch follows, so that `git apply` can read it. With data that is not on this machine it
    says what the pins tell. When it fails, git shows its own diff.
    """
    from ls_dvc.commands import git_diff
    from ls_dvc.repo import changed_file
    from ls_dvc.repo.changed_file import ChangedFile

    if as_text:
        output.write_text(git_diff.description(Path(arguments[0])).rstrip("\n"))
    elif len(arguments) == 1:
        _write(session, git_diff.conflict(session.folder, arguments[0]))
    else:
        changed = ChangedFile.of(arguments)
        if output.is_read_by_people():
            _write(session, git_diff.words(session.folder, changed))
            return
        patch = changed_file.patch(session.folder, changed)
        with suppress(LsDvcError):  # a file that is no pin
            _write(session, git_diff.words(session.folder, changed))
        output.write_bytes(patch)


def _write(session: Session, words: str) -> None:
    from ls_dvc.repo import git_driver

    lines = version_tables.diff_text(words)
    if output.is_read_by_people():
        terminal = output.is_terminal()
        colours = git_driver.wants_colours(session.folder, terminal=terminal)
        output.write_as_git(*lines, colours=colours)
    else:
        output.write(*lines)
