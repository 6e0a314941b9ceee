"""Command init."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import console, output
from ls_dvc.cli.session import Session, cli
from ls_dvc.io.printable import printable
from ls_dvc.io.standard_error import tell

if TYPE_CHECKING:
    from pathlib import Path

    from ls_dvc.commands.init import FileChange
    from ls_dvc.commands.init_settings import InitOptions
    from ls_dvc.commands.init_stages import Confirm


@cli.command("init")
@click.option(
    "--url", metavar="URL", help="Address of the Label Studio server, or of a page of the project."
)
@click.option(
    "--project-id", type=click.IntRange(min=1), metavar="N", help="Number of the project."
)
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="Format to write; can be given several times.",
)
@click.option(
    "--no-media", is_flag=True, help="Labels alone: a new block of settings asks for no media."
)
@click.option(
    "--link-cache/--no-link-cache",
    default=None,
    help="Let DVC link files to its cache instead of copying them; asked if there are media.",
)
@click.option(
    "--no-git-driver", is_flag=True, help="Leave `git diff` of labels.lock as it is: no words."
)
@click.option("--prefix", default="", metavar="TEXT", help="Prefix of the stage names.")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab"]),
    help="Add a workflow that proposes changed labels and checks pull requests.",
)
@click.option("--offline", is_flag=True, help="Do not try the server, the key and the project.")
@click.option("--force", is_flag=True, help="Replace existing stages and files of the same name.")
@click.pass_obj
def init_command(
    session: Session,
    url: str | None,
    project_id: int | None,
    formats: tuple[str, ...],
    no_media: bool,
    link_cache: bool | None,
    no_git_driver: bool,
    prefix: str,
    ci: str | None,
    offline: bool,
    force: bool,
) -> None:
    """Add the DVC stages and the settings to this git and DVC repository.

    The server, the key and the project are tried first, if they are known; nothing is written
    when one of them is refused.
    """
    from ls_dvc.commands.init import init, media_asked
    from ls_dvc.commands.init_ci import init_ci
    from ls_dvc.commands.init_settings import options_from
    from ls_dvc.repo import git

    folder = session.new_folder()
    chosen = {"media": not no_media, "git_driver": not no_git_driver}
    options = options_from(url, project_id, formats, prefix, **chosen)
    if url and url != options.url:
        session.reporter().say(f"--url: server {options.url}, project {options.project_id or '?'}")
    if not offline:
        _check(session, folder, options)
    confirm = (lambda _: True) if force else _ask
    changes = init(folder, options, confirm)
    _report(changes, folder)
    _set_up_driver(session, folder, confirm, wanted=options.git_driver)
    if with_media := media_asked(changes):
        session.reporter().say(_MEDIA)
    if link_cache or (with_media and link_cache is None):
        _propose_links(session, asked=link_cache is None)
    workflow = init_ci(folder, ci, confirm) if ci is not None else []
    _report(workflow, git.root(folder).resolve())
    _advise(session, folder, changes, workflow)


_MEDIA = """\
media: what the Label Studio server itself serves comes with the labels; addresses on other hosts
  and in buckets stay addresses, unless label_studio.media in params.yaml names these"""


_LINKS = "reflink,hardlink,copy"  # the first of these that the disk can do
_LINK_COMMAND = f"dvc config cache.type {_LINKS}"


_NEXT_STEPS_CI = "then commit the workflow, and set the secrets that its first lines name"


def _check(session: Session, folder: Path, options: InitOptions) -> None:
    """Try what is known of the server; without a key or an address, say nothing."""
    from ls_dvc.commands import init_check
    from ls_dvc.commands.init_settings import settings_at

    say = session.reporter().say
    url, number, chosen = settings_at(folder, options)
    address = init_check.reachable(url, folder, options.url)
    if address is None:
        return
    found = init_check.check(address, number)
    if found is None:
        say(f"{address.url} accepts the API key; no project is given yet")
        return
    say(f"project {number} on {address.url}: {found.title!r}, {found.tasks} tasks")
    say(f"formats that hold something of its labels: {', '.join(found.formats) or 'none'}")
    for name in chosen:
        if name in found.refused:
            say(f"{name} cannot be used there: {found.refused[name]}")


def _set_up_driver(session: Session, folder: Path, confirm: Confirm, *, wanted: bool) -> None:
    """The words of `git diff` are no reason to fail: a configuration may be read-only."""
    if not wanted:
        return
    from ls_dvc.commands.init_git_driver import set_up_driver
    from ls_dvc.errors import LsDvcError

    try:
        wrote = set_up_driver(folder, confirm)
    except LsDvcError as error:
        session.reporter().say(f"warning: `git diff` is not set up: {error}")
        return
    output.write(f"{'wrote' if wrote else 'kept '}  .git/config (this clone's `git diff`)")


def _advise(
    session: Session, folder: Path, changes: list[FileChange], workflow: list[FileChange]
) -> None:
    from ls_dvc.commands import init_advice

    for line in init_advice.warnings(folder, [*changes, *workflow]):
        tell(f"warning: {printable(line)}")
    if steps := init_advice.next_steps(folder, changes):
        session.reporter().say(steps)
    if workflow:
        session.reporter().say(_NEXT_STEPS_CI)


def _report(changes: list[FileChange], start: Path) -> None:
    for change in changes:
        output.write(f"{'wrote' if change.changed else 'kept '}  {change.path.relative_to(start)}")


def _propose_links(session: Session, *, asked: bool) -> None:
    """With links DVC's cache and the files that it checks out take the disk's space once."""
    from ls_dvc.repo import dvc

    if dvc.cache_type(session.folder) == _LINKS or (asked and dvc.cache_type(session.folder)):
        return
    question = f"let DVC link media to its cache instead of copying them ({_LINK_COMMAND})?"
    if asked and not sys.stdin.isatty():
        session.reporter().say(f"`{_LINK_COMMAND}` saves the space of DVC's copies of media")
    elif not asked or console.ask(question, default=True):
        dvc.run(session.folder, *_LINK_COMMAND.split()[1:])
        output.write("wrote  .dvc/config")
        session.reporter().say("commit .dvc/config as well, so that other clones link, too")


def _ask(question: str) -> bool:
    return sys.stdin.isatty() and console.ask(question)
