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
    prefix: str,
    ci: str | None,
    force: bool,
) -> None:
    """Add the DVC stages and the settings to this git and DVC repository."""
    from ls_dvc.commands.init import InitOptions, init
    from ls_dvc.commands.init_ci import init_ci
    from ls_dvc.repo import git, paths

    folder = session.folder
    git.require(folder)
    paths.dvc_root(folder)
    options = InitOptions(url, project_id, formats, prefix)
    confirm = (lambda _: True) if force else _ask
    _report(init(folder, options, confirm), folder)
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


_NEXT_STEPS_CI = "then commit the workflow, and set the secrets that its first lines name"


def _report(changes: list[FileChange], start: Path) -> None:
    for change in changes:
        output.write(f"{'wrote' if change.changed else 'kept '}  {change.path.relative_to(start)}")


def _ask(question: str) -> bool:
    return sys.stdin.isatty() and click.confirm(question, err=True)
