"""The command that waits for labels to move, for those who have neither webhooks nor CI."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import click

from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.commands.watch import ActionFinished, Event, Observation
    from ls_dvc.progress import Reporter

SECONDS = click.FloatRange(min=0, min_open=True)


@cli.command()
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.option(
    "--every", type=SECONDS, default=60, show_default=True, metavar="SECONDS", help="Look so often."
)
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Act when no label has moved for so long.",
)
@click.option("--once", is_flag=True, help="Act once, then end.")
@click.pass_obj
def watch(
    session: Session, command: tuple[str, ...], every: float, quiet: float, once: bool
) -> None:
    """Wait until labels have moved and come to rest, then `ls-dvc refresh`; for ever.

    COMMAND is run instead, in the data set's folder and without a shell, for example
    `ls-dvc watch -- ls-dvc refresh --push`. When it fails it is tried again when labels move,
    or after a growing pause. Restarts of the server are waited for. Ctrl-C ends the watch.
    """
    from ls_dvc.commands import watch as room
    from ls_dvc.execution import command as child

    folder, report = session.folder, session.reporter()
    words = command or ("ls-dvc", *(["--quiet"] if session.quiet else []), "refresh")
    name = shlex.join(words)
    act = partial(child.run, [child.find(words[0]), *words[1:]], folder)
    report.say(f"watching {folder}; `{name}` runs when no label has moved for {quiet:g} s")
    pace = room.WatchIntervals(every, quiet)
    for event in room.watch(_looker(session), act, pace, time.monotonic, time.sleep):
        _tell(event, name, report)
        if once and isinstance(event, room.ActionFinished):
            _end(event, name)
            return


def _looker(session: Session) -> Callable[[], Observation]:
    """Looks through fresh eyes each time: settings, key and pin may have changed since."""
    from ls_dvc.commands import watch as room
    from ls_dvc.server.project import connect
    from ls_dvc.settings import connection

    def look() -> Observation:
        workspace = session.workspace()
        found = connection.find(workspace.params.url, workspace.folder)
        server = connect(found, workspace.params.project_id, workspace.params.update.view)
        with closing(server.client):
            return room.look(workspace, server.state())

    return look


def _tell(event: Event, name: str, report: Reporter) -> None:
    """Narrate; troubles are told to those who want no narration as well."""
    from ls_dvc.commands import watch as room

    match event:
        case room.ServerAway(error):
            click.echo(f"{error}; looking again from time to time", err=True)
            if error.hint:
                click.echo(f"hint: {error.hint}", err=True)
        case room.ServerBack():
            report.say("back again")
        case room.LabelsChanged():
            report.say("labels moved; waiting until they rest")
        case room.ActionStarted():
            report.say(f"running `{name}`")
        case room.ActionFinished(0):
            report.say(f"`{name}` ended with exit code 0")
        case room.ActionFinished(code, pause):
            click.echo(
                f"`{name}` {_ended(code)}; again when labels move, or in {pause:.0f} s", err=True
            )


def _end(event: ActionFinished, name: str) -> None:
    if event.code:
        raise LsDvcError(f"`{name}` {_ended(event.code)}", "its words are above")


def _ended(code: int) -> str:
    return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"
