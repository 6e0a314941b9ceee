"""The command that waits for labels to change, for those who have neither webhooks nor CI."""

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
    help="Act after so long without changes.",
)
@click.option("--once", is_flag=True, help="Act once, then end.")
@click.pass_obj
def watch(
    session: Session, command: tuple[str, ...], every: float, quiet: float, once: bool
) -> None:
    """Wait until an update is due and the project is idle, then `ls-dvc refresh`; for ever.

    COMMAND is run instead, in the data set's folder and without a shell, for example
    `ls-dvc watch -- ls-dvc refresh --push`. When it fails it runs again when labels change, or
    after a growing pause. An outage of the server does not end the watch; Ctrl-C does.
    """
    from ls_dvc.commands.watch import ActionFinished, WatchIntervals
    from ls_dvc.commands.watch import watch as events
    from ls_dvc.execution import child_process

    folder, report = session.folder, session.reporter()
    words = command or ("ls-dvc", *(["--quiet"] if session.quiet else []), "refresh")
    name = shlex.join(words)
    act = partial(child_process.run, [child_process.find(words[0]), *words[1:]], folder)
    report.say(f"watching {folder}; `{name}` runs {quiet:g} s after the last change")
    intervals = WatchIntervals(every, quiet)
    for event in events(_looker(session), act, intervals, time.monotonic, time.sleep):
        _report(event, name, quiet, report)
        if once and isinstance(event, ActionFinished):
            _require_success(event, name)
            return


def _looker(session: Session) -> Callable[[], Observation]:
    """Reads settings, key and pin again each time: they may have changed since."""
    from ls_dvc.commands.watch import look as look_at
    from ls_dvc.server.project import connect
    from ls_dvc.settings import connection

    def look() -> Observation:
        workspace = session.workspace()
        found = connection.find(workspace.params.url, workspace.folder)
        server = connect(found, workspace.params.project_id, workspace.params.update.view)
        with closing(server.client):
            return look_at(workspace, server.state())

    return look


def _report(event: Event, name: str, quiet: float, report: Reporter) -> None:
    """Narrate; problems are reported with `--quiet` as well."""
    from ls_dvc.commands import watch as events

    match event:
        case events.WatchInterrupted(error):
            click.echo(f"{error}; trying again from time to time", err=True)
            if error.hint:
                click.echo(f"hint: {error.hint}", err=True)
        case events.WatchResumed():
            report.say("the project can be read again")
        case events.UpdateDue(reasons):
            why = "; ".join(reason.message for reason in reasons)
            report.say(f"{why}; waiting for {quiet:g} s without changes")
        case events.ActionStarted():
            report.say(f"running `{name}`")
        case events.ActionFinished(0):
            report.say(f"`{name}` ended with exit code 0")
        case events.ActionFinished(code, pause):
            click.echo(
                f"`{name}` {_ended(code)}; again when labels change, or in {pause:.0f} s", err=True
            )


def _require_success(event: ActionFinished, name: str) -> None:
    if event.code:
        raise LsDvcError(f"`{name}` {_ended(event.code)}", "its output is above")


def _ended(code: int) -> str:
    return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"
