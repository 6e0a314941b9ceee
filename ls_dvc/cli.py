"""The command line: the only place that prints results, and the one error boundary.

Results go to stdout, narration to stderr. Whatever a command needs is imported inside it, so
that `ls-dvc --help` answers at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ls_dvc import __version__
from ls_dvc.errors import BugError, UserError

if TYPE_CHECKING:
    from ls_dvc.embedded import Studio
    from ls_dvc.lock import Pin
    from ls_dvc.report import Reporter
    from ls_dvc.server.studio import LabelStudio
    from ls_dvc.stages import Place

OK, USER, USAGE, BUG, MOVED, INTERRUPTED = 0, 1, 2, 3, 10, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="ls-dvc %(version)s")
@click.option("-C", "folder", default=".", metavar="DIR", help="Work in DIR instead of here.")
@click.option("-q", "--quiet", is_flag=True, help="No narration on stderr, only errors.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(context: click.Context, folder: str, quiet: bool, debug: bool) -> None:
    """Versions of Label Studio labels that belong to git commits, as DVC pipeline stages."""
    context.obj = {"folder": folder, "quiet": quiet, "debug": debug}


@cli.command()
@click.option("--url", metavar="URL", help="Address of the Label Studio server.")
@click.option("--project-id", type=click.IntRange(min=1), metavar="N", help="The project's number.")
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT", help="Repeatable.")
@click.option("--prefix", default="", metavar="TEXT", help="Put before the names of the stages.")
@click.option("--force", is_flag=True, help="Replace stages and settings of the same name.")
@click.pass_obj
def init(
    options: dict[str, Any],
    url: str | None,
    project_id: int | None,
    formats: tuple[str, ...],
    prefix: str,
    force: bool,
) -> None:
    """Add the stages and settings to this git and DVC repository."""
    from ls_dvc import repo, scaffold

    folder = _folder(options)
    repo.require(folder)
    settings = scaffold.Settings(url, project_id, formats, prefix)
    for change in scaffold.init(folder, settings, lambda question: force or _ask(question)):
        shown = change.path.relative_to(folder)
        click.echo(f"{'wrote' if change.changed else 'kept '}  {shown}")
    _reporter(options).say(_NEXT_STEPS)


@cli.command()
@click.option("--full", is_flag=True, help="Make new snapshots though nothing moved.")
@click.option(
    "--allow-moving",
    is_flag=True,
    help="When annotators never pause: take each task as it was at a moment of its own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def update(options: dict[str, Any], full: bool, allow_moving: bool, as_json: bool) -> None:
    """Move the pin (labels.lock) to the labels as they are on the server now."""
    from ls_dvc import lock, stages
    from ls_dvc.update import Order

    place = _place(options)
    before = lock.find(place.pin)
    order = Order(place.params.tasks_per_snapshot, full=full, allow_moving=allow_moving)
    pin = stages.move_pin(place, _server(place), order, _reporter(options), _now())
    moved = before is None or pin.fingerprint != before.fingerprint
    if as_json:
        click.echo(json.dumps({"moved": moved, **_pin_facts(pin)}))
    elif moved:
        click.echo(f"pinned {_named(pin)}")
        _reporter(options).say("next: `dvc repro`, then commit labels.lock and dvc.lock together")
    else:
        click.echo(f"nothing moved: {_named(pin)}")


@cli.command()
@click.option("--exit-code", is_flag=True, help="Exit with 10 when the labels moved.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def status(options: dict[str, Any], exit_code: bool, as_json: bool) -> None:
    """Ask the server whether labels moved since the pin; changes nothing."""
    from ls_dvc import lock
    from ls_dvc.update import has_moved

    place = _place(options)
    pin = lock.find(place.pin)
    state = _server(place).state()
    moved = pin is None or pin.project_id != state.project_id
    moved = moved or has_moved(state, pin, place.cache)  # type: ignore[arg-type]
    now = state.probe
    if as_json:
        facts = {"tasks": now.tasks, "annotations": now.annotations, "updated_at": now.updated_at}
        pinned = _pin_facts(pin) if pin else None
        click.echo(json.dumps({"moved": moved, "pinned": pinned, "server": facts}))
    else:
        click.echo(_status_text(pin, state.probe, moved=moved))
    if moved and exit_code:
        raise SystemExit(MOVED)


@cli.command()
@click.pass_obj
def export(options: dict[str, Any]) -> None:
    """DVC stage: make data/snapshot from the pin. Takes a first pin where there never was one."""
    from ls_dvc import stages

    place = _place(options)
    pin = stages.export(place, lambda: _server(place), _reporter(options), _now())
    click.echo(f"exported {_named(pin)}")


@cli.command()
@click.pass_obj
def convert(options: dict[str, Any]) -> None:
    """DVC stage: make data/dataset and the reports from data/snapshot. No network."""
    from ls_dvc import stages

    ledgers = stages.convert(_place(options), _reporter(options))
    for name, ledger in ledgers.items():
        click.echo(
            f"{name}: {ledger.tasks_written} of {ledger.tasks} tasks, "
            f"{ledger.regions_written} of {ledger.regions} regions"
        )


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def verify(options: dict[str, Any], as_json: bool) -> None:
    """Check offline, byte by byte, that the data here is what labels.lock pins."""
    from ls_dvc import lock
    from ls_dvc.verify import verify as check

    verdict = check(_place(options))
    if as_json:
        click.echo(json.dumps({"ok": not verdict.problems, **vars(verdict)}))
    else:
        for problem in verdict.problems:
            click.echo(f"wrong: {problem}")
    if verdict.problems:
        raise UserError(
            f"the data here is not what {lock.NAME} pins ({verdict.fingerprint[:12]})",
            "`dvc repro` makes what is pinned (`-f` when DVC thinks that nothing changed)",
        )
    if not as_json:
        click.echo(f"all as pinned: {verdict.fingerprint[:12]}, {verdict.tasks} tasks")


@cli.command()
@click.argument("folder", default="ls-dvc-demo", metavar="[DIR]")
@click.option("--keep-server", is_flag=True, help="Leave Label Studio running until Ctrl-C.")
@click.pass_obj
def demo(options: dict[str, Any], folder: str, keep_server: bool) -> None:
    """Tell the whole story on a Label Studio of its own, in the new folder DIR."""
    from ls_dvc import demo as story

    keep = _until_interrupted if keep_server else story.stop_at_once
    target = _folder(options) / folder
    story.tour(target, click.echo, _reporter(options), keep=keep)


def main() -> NoReturn:
    """Run the command line; every way out has its exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        sys.exit(cli.main(prog_name="ls-dvc", standalone_mode=False) or OK)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_told("interrupted", "nothing was left half-written", INTERRUPTED))
    except UserError as error:
        sys.exit(_told(f"error: {error}", error.hint, USER))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(USER)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(_told(f"error: {where}{error.strerror or error}", _os_hint(error), USER))
    except Exception as error:  # noqa: BLE001  (the boundary: what gets here is our bug)
        kind = "" if isinstance(error, BugError) else f"{type(error).__name__}: "
        hint = "please report it, with the traceback that `ls-dvc --debug …` shows"
        sys.exit(_told(f"bug in ls-dvc {__version__}: {kind}{error}", hint, BUG))


_NEXT_STEPS = """\
next: fill in label_studio in params.yaml, put LABEL_STUDIO_API_KEY into .env, then
  dvc repro
  git add dvc.yaml dvc.lock labels.lock params.yaml .gitignore data/.gitignore reports
  git commit -m 'Labels, pinned'"""


def _told(message: str, hint: str, code: int) -> int:
    if "--debug" in sys.argv:
        traceback.print_exc()
    click.echo(message, err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    if os.environ.get("DVC_STAGE") and code != OK:
        click.echo("hint: `dvc checkout` brings the data of before back", err=True)
    return code


def _os_hint(error: OSError) -> str:
    import errno

    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "free some space; nothing was left half-written" if full else ""


def _terminated(signum: int, frame: object) -> NoReturn:  # noqa: ARG001
    raise KeyboardInterrupt


def _ask(question: str) -> bool:
    return sys.stdin.isatty() and click.confirm(question, err=True)


def _until_interrupted(studio: Studio) -> None:
    """Say how to log in, and wait; Ctrl-C is the way out, and no error."""
    click.echo(
        f"\nLabel Studio runs on {studio.url}\n"
        f"  e-mail    {studio.username}\n  password  {studio.password}\nCtrl-C stops it."
    )
    with suppress(KeyboardInterrupt):
        signal.pause()


def _folder(options: dict[str, Any]) -> Path:
    folder = Path(options["folder"])
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}", "check the option -C")
    return Path(os.path.abspath(folder))  # noqa: PTH100  (resolve() would follow links)


def _place(options: dict[str, Any]) -> Place:
    from ls_dvc import params, repo
    from ls_dvc.cache import Cache
    from ls_dvc.stages import Place

    folder = _folder(options)
    cache = Cache(repo.side_cache(folder))
    return Place(folder, params.read(folder / params.NAME), cache)


def _server(place: Place) -> LabelStudio:
    from ls_dvc import connection
    from ls_dvc.server.studio import connect

    found = connection.find(place.params.url, place.folder)
    server = connect(found, place.params.project_id)
    click.get_current_context().call_on_close(server.client.close)
    return server


def _reporter(options: dict[str, Any]) -> Reporter:
    from ls_dvc.console import reporter

    return reporter(quiet=options["quiet"])


def _now() -> str:
    from datetime import datetime, timezone

    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _named(pin: Pin) -> str:
    return (
        f"{pin.fingerprint[:12]}: {pin.tasks} tasks, {pin.annotations} annotations "
        f"of project {pin.project_id} ({pin.title})"
    )


def _pin_facts(pin: Pin) -> dict[str, Any]:
    return {
        "fingerprint": pin.fingerprint,
        "project_id": pin.project_id,
        "tasks": pin.tasks,
        "annotations": pin.annotations,
        "pinned_at": pin.pinned_at,
    }


def _status_text(pin: Pin | None, now: Any, *, moved: bool) -> str:
    on_server = f"on the server: {now.tasks} tasks, {now.annotations} annotations"
    if pin is None:
        return f"no pin yet; {on_server}"
    pinned = f"pinned {pin.pinned_at}: {pin.tasks} tasks, {pin.annotations} annotations"
    if not moved:
        return f"as pinned\n{pinned}"
    return f"labels moved\n{pinned}\n{on_server}\nlast change {now.updated_at}"


if __name__ == "__main__":
    main()
