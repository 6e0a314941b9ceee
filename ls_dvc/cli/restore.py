"""Command restore."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    pass


@cli.command()
@click.argument("rev")
@click.option("--title", metavar="TEXT", help="Of the new project; 3 to 50 characters.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def restore(session: Session, rev: str, title: str | None, as_json: bool) -> None:
    """Bring the labels of REV back into Label Studio, as a new project."""
    from ls_dvc.commands import restore as room
    from ls_dvc.history.open_snapshot import open_snapshot
    from ls_dvc.history.version import version_of_commit
    from ls_dvc.server import new_project
    from ls_dvc.settings import connection

    workspace = session.workspace()
    version = version_of_commit(workspace, rev)
    server = new_project.connect(connection.find(workspace.params.url, workspace.folder))
    click.get_current_context().call_on_close(server.client.close)
    named = title or room.title_for(version.pin.title, version.rev[:7])
    with open_snapshot(workspace, version) as folder:
        done = room.restore(server, folder, named, session.reporter())
    if as_json:
        click.echo(json.dumps(done.document()))
        return
    click.echo(f"restored {done.tasks} tasks, {done.annotations} annotations: {done.url}")
    session.reporter().say(
        f"to go on from here: label_studio.project_id: {done.project_id} in params.yaml"
    )
