"""Command init."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from pathlib import Path

    from ls_dvc.commands.init import FileChange


@cli.command()
@click.option("--url", metavar="URL", help="Address of the Label Studio server.")
@click.option("--project-id", type=click.IntRange(min=1), metavar="N", help="The project's number.")
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT", help="Repeatable.")
@click.option("--prefix", default="", metavar="TEXT", help="Put before the names of the stages.")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab"]),
    help="Add a workflow that proposes moved labels, and checks pull requests.",
)
@click.option("--force", is_flag=True, help="Replace what is there under the same name.")
@click.pass_obj
def init(
    session: Session,
    url: str | None,
    project_id: int | None,
    formats: tuple[str, ...],
    prefix: str,
    ci: str | None,
    force: bool,
) -> None:
    """Add the stages and settings to this git and DVC repository."""
    from ls_dvc.commands import init as scaffold
    from ls_dvc.commands.init_ci import init_ci
    from ls_dvc.repo import git, paths

    folder = session.folder
    git.require(folder)
    paths.dvc_root(folder)
    settings = scaffold.InitOptions(url, project_id, formats, prefix)
    confirm = (lambda _: True) if force else _ask
    _tell(scaffold.init(folder, settings, confirm), folder)
    if ci is not None:
        _tell(init_ci(folder, ci, confirm), git.root(folder).resolve())
    session.reporter().say(_NEXT_STEPS)
    if ci is not None:
        session.reporter().say(_NEXT_STEPS_CI)


_NEXT_STEPS = """\
next: fill in label_studio in params.yaml, put LABEL_STUDIO_API_KEY into .env, then
  dvc repro
  git add dvc.yaml dvc.lock labels.lock params.yaml .gitignore data/.gitignore reports
  git commit -m 'Labels, pinned'"""


_NEXT_STEPS_CI = "then commit the workflow too, and give the secrets that its first lines name"


def _tell(changes: list[FileChange], start: Path) -> None:
    for each in changes:
        click.echo(f"{'wrote' if each.changed else 'kept '}  {each.path.relative_to(start)}")


def _ask(question: str) -> bool:
    return sys.stdin.isatty() and click.confirm(question, err=True)
