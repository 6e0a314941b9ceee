"""What all commands share: the command group, its options, the workspace and the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ls_dvc import __version__
from ls_dvc.cli.help_groups import GroupedCommands
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.progress import Reporter
    from ls_dvc.server.project import LabelStudioProject
    from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class Session:
    """The options before the command. Nothing is read before a command asks for it."""

    given_folder: str
    quiet: bool

    @property
    def folder(self) -> Path:
        """The folder of the data set: absolute, symbolic links kept."""
        folder = Path(self.given_folder)
        if not folder.is_dir():
            raise LsDvcError(f"there is no folder {folder}", "check the option -C")
        return Path(os.path.abspath(folder))  # noqa: PTH100  (resolve() would follow links)

    def new_folder(self) -> Path:
        """As `folder`, which need not exist; it must be in a repository of git and DVC."""
        from ls_dvc.repo import git, paths

        folder = Path(os.path.abspath(self.given_folder))  # noqa: PTH100  (as above)
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not existing.is_dir():
            raise LsDvcError(
                f"{existing} is a file, so no folder can be there", "check the option -C"
            )
        git.require(existing)
        paths.dvc_root(existing)
        return folder

    def workspace(self, folder: Path | None = None) -> Workspace:
        """The data set in `folder`; without one, in the session's folder."""
        from ls_dvc.workspace import open_workspace

        return open_workspace(folder or self.folder)

    def server(self, workspace: Workspace) -> LabelStudioProject:
        """The project of a data set on its server; closed when the command ends."""
        from ls_dvc.server.project import connect
        from ls_dvc.settings import connection

        address = connection.find(workspace.params.url, workspace.folder)
        asked = workspace.params.update
        server = connect(address, workspace.params.project_id, asked.view, asked.deadline_seconds)
        click.get_current_context().call_on_close(server.client.close)
        return server

    def reporter(self) -> Reporter:
        """Where the library reports what it does."""
        from ls_dvc.cli.console import reporter

        return reporter(quiet=self.quiet)


def now() -> str:
    """The current time in UTC, ISO 8601."""
    from datetime import datetime, timezone

    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@click.group(
    cls=GroupedCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="ls-dvc %(version)s")
@click.option("-C", "folder", default=".", metavar="DIR", help="Work in the folder DIR.")
@click.option("-q", "--quiet", is_flag=True, help="Print only results and errors.")
@click.option("--debug", is_flag=True, help="Print the traceback of an error.")
@click.pass_context
def cli(context: click.Context, folder: str, quiet: bool, debug: bool) -> None:  # noqa: ARG001
    """Version Label Studio labels with git and DVC."""
    context.obj = Session(folder, quiet)
