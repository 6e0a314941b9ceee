"""Command init."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from pathlib import Path

    from ls_dvc.commands.init import FileChange


@cli.command("init")
@click.option("--url", metavar="URL", help="Address of the Label Studio server.")
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
@click.option("--prefix", default="", metavar="TEXT", help="Prefix of the stage names.")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab"]),
    help="Add a workflow that proposes changed labels and checks pull requests.",
)
@click.option("--force", is_flag=True, help="Replace existing stages and files of the same name.")
@click.pass_obj
def init_command(
    session: Session,
    url: str | None,
    project_id: int | None,
    formats: tuple[str, ...],
    no_media: bool,
    link_cache: bool | None,
    prefix: str,
    ci: str | None,
    force: bool,
) -> None:
    """Add the DVC stages and the settings to this git and DVC repository."""
    from ls_dvc.commands.init import init, media_asked
    from ls_dvc.commands.init_ci import init_ci
    from ls_dvc.commands.init_settings import InitOptions
    from ls_dvc.repo import git, paths

    folder = session.folder
    git.require(folder)
    paths.dvc_root(folder)
    options = InitOptions(url, project_id, formats, prefix, media=not no_media)
    confirm = (lambda _: True) if force else _ask
    changes = init(folder, options, confirm)
    _report(changes, folder)
    with_media = media_asked(changes)
    if with_media:
        session.reporter().say(_MEDIA)
    if link_cache or (with_media and link_cache is None):
        _propose_links(session, asked=link_cache is None)
    if ci is not None:
        _report(init_ci(folder, ci, confirm), git.root(folder).resolve())
    session.reporter().say(_NEXT_STEPS)
    if ci is not None:
        session.reporter().say(_NEXT_STEPS_CI)


_NEXT_STEPS = """\
next: fill in label_studio in params.yaml, put LABEL_STUDIO_API_KEY into .env, then run
  dvc repro
  git add dvc.yaml dvc.lock labels.lock params.yaml .gitignore .gitattributes .dvcignore \\
    data/.gitignore reports
  git commit -m 'Pin the labels'"""


_MEDIA = """\
media: what the Label Studio server itself serves comes with the labels; addresses on other hosts
  and in buckets stay addresses, unless label_studio.media in params.yaml names these"""


_LINKS = "reflink,hardlink,copy"  # the first of these that the disk can do
_LINK_COMMAND = f"dvc config cache.type {_LINKS}"


_NEXT_STEPS_CI = "then commit the workflow, and set the secrets that its first lines name"


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
    elif not asked or click.confirm(question, default=True, err=True):
        dvc.run(session.folder, *_LINK_COMMAND.split()[1:])
        output.write("wrote  .dvc/config")
        session.reporter().say("commit .dvc/config as well, so that other clones link, too")


def _ask(question: str) -> bool:
    return sys.stdin.isatty() and click.confirm(question, err=True)
