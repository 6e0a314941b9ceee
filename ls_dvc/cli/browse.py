"""Command browse."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from ls_dvc.browse.access import Access
    from ls_dvc.browse.shown_version import ShownVersion


@cli.command("browse")
@click.argument("rev", required=False)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="The port to listen on; any free one unless given.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the web browser.")
@click.pass_obj
def browse_command(session: Session, rev: str | None, port: int, opens: bool) -> None:
    """Look at the tasks of a version in a web browser: search, filter, zoom; until Ctrl-C.

    REV is a commit; without it, the version in the workspace. Only this machine can open the page,
    by the address that is printed: it has a random token. Nothing can be changed in it.
    """
    from contextlib import suppress

    from ls_dvc.commands.browse import browse

    report = session.reporter()

    def started(version: ShownVersion, access: Access) -> None:
        report.say(f"{version.tasks:,} tasks of {version.name}; Ctrl-C ends it")
        if os.environ.get("SSH_CONNECTION"):
            tunnel = f"{access.port}:127.0.0.1:{access.port}"
            report.say(f"from another machine: `ssh -N -L {tunnel} HOST`, then open the address")
        output.write_text(access.address)
        if opens:
            import webbrowser

            webbrowser.open(access.address)

    with suppress(KeyboardInterrupt):
        browse(session.workspace(), rev, port, started, report)
