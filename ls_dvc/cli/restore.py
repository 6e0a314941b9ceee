"""Command restore."""

from __future__ import annotations

import click

from ls_dvc.cli import output
from ls_dvc.cli.session import Session, cli


@cli.command("restore")
@click.argument("rev")
@click.option("--title", metavar="TEXT", help="Title of the new project, 3 to 50 characters.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def restore_command(session: Session, rev: str, title: str | None, as_json: bool) -> None:
    """Create a new project in Label Studio with the labels of commit REV."""
    from ls_dvc.commands.gathered_media import gathered
    from ls_dvc.commands.restore import restore, title_for
    from ls_dvc.commands.unfinished_restore import UnfinishedRestores
    from ls_dvc.history.media_sources import MediaSources
    from ls_dvc.history.open_snapshot import open_snapshot
    from ls_dvc.history.version import version_of_commit
    from ls_dvc.server import new_project
    from ls_dvc.settings import connection

    workspace = session.workspace()
    version = version_of_commit(workspace, rev)
    address = connection.find(workspace.params.url, workspace.folder)
    server = new_project.connect(address, workspace.params.update.deadline_seconds)
    click.get_current_context().call_on_close(server.client.close)
    new_title = title or title_for(version.pin.title, version.rev[:7])
    report = session.reporter()
    with (
        open_snapshot(workspace, version) as folder,
        gathered(workspace, folder, MediaSources(workspace, version, report)) as media,
    ):
        open_media = media.open if media is not None else None
        unfinished = UnfinishedRestores(workspace.cache.root / "restores")
        restored = restore(server, folder, new_title, report, open_media, unfinished)
    if as_json:
        output.document(restored.document())
        return
    output.write(
        f"restored {restored.tasks} tasks, {restored.annotations} annotations: {restored.url}"
    )
    session.reporter().say(
        "to continue with this project, set "
        f"label_studio.project_id: {restored.project_id} in params.yaml"
    )
