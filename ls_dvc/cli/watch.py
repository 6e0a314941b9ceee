"""Command watch."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import click

from ls_dvc.cli.console import tell_error
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError
from ls_dvc.io.standard_error import tell

if TYPE_CHECKING:
    from ls_dvc.commands.watch import ActionFinished, Event, Observation
    from ls_dvc.progress import Reporter

SECONDS = click.FloatRange(min=0, min_open=True)


@cli.command("watch")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.option(
    "--every",
    type=SECONDS,
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Time between two checks.",
)
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Time without changes before the refresh.",
)
@click.option("--once", is_flag=True, help="End after one refresh.")
@click.pass_obj
def watch_command(
    session: Session, command: tuple[str, ...], every: float, quiet: float, once: bool
) -> None:
    """Run `ls-dvc refresh` whenever an update is due and nobody is labeling; until Ctrl-C.

    COMMAND runs instead of it, in the data set's folder and without a shell, for example
    `ls-dvc watch -- ls-dvc refresh --push`. If it fails, it runs again when labels change, or
    after a growing pause. The watch goes on when the server is not available.
    """
    from ls_dvc.commands.watch import ActionFinished, WatchIntervals, watch
    from ls_dvc.execution import child_process

    folder, report = session.folder, session.reporter()
    words = command or ("ls-dvc", *(["--quiet"] if session.quiet else []), "refresh")
    name = shlex.join(words)
    act = partial(child_process.run, [child_process.find(words[0]), *words[1:]], folder)
    report.say(f"watching {folder}; `{name}` runs {quiet:g} s after the last change")
    intervals = WatchIntervals(every, quiet)
    for event in watch(_observer(session), act, intervals, time.monotonic, time.sleep):
        _report(event, name, quiet, report)
        if once and isinstance(event, ActionFinished):
            _require_success(event, name)
            return


def _observer(session: Session) -> Callable[[], Observation]:
    """Compares the project with the pin. Settings, key and pin are read again each time."""
    from ls_dvc.commands.watch import look
    from ls_dvc.server.project import connect
    from ls_dvc.settings import connection

    def observe() -> Observation:
        workspace = session.workspace()
        address = connection.find(workspace.params.url, workspace.folder)
        asked = workspace.params.update
        server = connect(address, workspace.params.project_id, asked.view, asked.deadline_seconds)
        with closing(server.client):
            return look(workspace, server.state())

    return observe


def _report(event: Event, name: str, quiet: float, report: Reporter) -> None:
    """Print an event; problems with `--quiet` as well."""
    from ls_dvc.commands import watch

    match event:
        case watch.WatchInterrupted(error):
            tell_error(f"{error}; trying again from time to time", error.hint)
        case watch.WatchResumed():
            report.say("the project can be read again")
        case watch.UpdateDue(reasons):
            why = "; ".join(reason.message for reason in reasons)
            report.say(f"{why}; waiting for {quiet:g} s without changes")
        case watch.ActionStarted():
            report.say(f"running `{name}`")
        case watch.ActionFinished(0):
            report.say(f"`{name}` ended with exit code 0")
        case watch.ActionFinished(code, pause):
            tell(f"`{name}` {_ended(code)}; again when labels change, or in {pause:.0f} s")


def _require_success(event: ActionFinished, name: str) -> None:
    if event.code:
        raise LsDvcError(f"`{name}` {_ended(event.code)}", "its output is above")


def _ended(code: int) -> str:
    return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"
