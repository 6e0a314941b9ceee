"""Commands about the labels as they are: init, update, status, the two stages, demo."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import boundary
from ls_dvc.cli.session import Session, cli, now

if TYPE_CHECKING:
    from pathlib import Path

    from ls_dvc.commands.init import FileChange
    from ls_dvc.demo.label_studio import LocalServer
    from ls_dvc.pin.lockfile import Pin
    from ls_dvc.server.interface import SnapshotChoice


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


def _which(_: click.Context, __: click.Parameter, given: str | None) -> SnapshotChoice | None:
    if given is None:
        return None
    if given == "latest":
        return "latest"
    if not given.isdecimal():
        raise click.BadParameter(f"{given!r} is neither `latest` nor the number of a snapshot")
    return int(given)


@cli.command()
@click.option("--full", is_flag=True, help="Make new snapshots though nothing moved.")
@click.option(
    "--allow-moving",
    is_flag=True,
    help="When annotators never pause: take each task as it was at a moment of its own.",
)
@click.option(
    "--adopt",
    callback=_which,
    metavar="latest|ID",
    help="Pin a snapshot that people made in Label Studio, whatever was labeled since.",
)
@click.option(
    "--resolve",
    "side",
    type=click.Choice(["ours", "theirs", "newer"]),
    help="Settle a merge of two branches that both moved the pin; asks no server what is new.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def update(
    session: Session,
    full: bool,
    allow_moving: bool,
    adopt: SnapshotChoice | None,
    side: str | None,
    as_json: bool,
) -> None:
    """Move the pin (labels.lock) to the labels as they are on the server now."""
    from ls_dvc.commands import export as stages
    from ls_dvc.pin import lockfile
    from ls_dvc.update import UpdateOptions

    place = session.place()
    if adopt is not None and (full or allow_moving or side):
        raise click.UsageError("--adopt takes a snapshot as it is, and goes with no other way")
    if side is not None:
        _resolve(session, side, as_json=as_json)
        return
    before = lockfile.find(place.pin)
    order = UpdateOptions(place.params.update, full=full, allow_moving=allow_moving, adopt=adopt)
    pin = stages.move_pin(place, session.server(place), order, session.reporter(), now())
    moved = before is None or pin.fingerprint != before.fingerprint
    if as_json:
        click.echo(json.dumps({"moved": moved, **_pin_facts(pin)}))
    elif moved:
        click.echo(f"pinned {_named(pin)}{_since(pin)}")
        session.reporter().say("next: `dvc repro`, then commit labels.lock and dvc.lock together")
    else:
        click.echo(f"nothing moved: {_named(pin)}")


@cli.command()
@click.option("--exit-code", is_flag=True, help="Exit with 10 when the labels moved.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def status(session: Session, exit_code: bool, as_json: bool) -> None:
    """Ask the server whether labels moved since the pin; changes nothing."""
    from ls_dvc.pin import lockfile
    from ls_dvc.update import has_moved

    place = session.place()
    pin = lockfile.find(place.pin)
    state = session.server(place).state()
    moved = pin is None or pin.project_id != state.project_id
    moved = moved or has_moved(state, pin, place.cache)  # type: ignore[arg-type]
    others = pin is not None and not pin.has_converted(place.params.served)
    now = state.probe
    if as_json:
        facts = {"tasks": now.tasks, "annotations": now.annotations, "updated_at": now.updated_at}
        pinned = _pin_facts(pin) if pin else None
        click.echo(json.dumps({"moved": moved or others, "pinned": pinned, "server": facts}))
    else:
        click.echo(_status_text(pin, state.probe, moved=moved))
    if others and not as_json:
        click.echo("label_studio.engines asks for other conversions than are pinned")
    if (moved or others) and exit_code:
        raise SystemExit(boundary.MOVED)


@cli.command()
@click.pass_obj
def export(session: Session) -> None:
    """DVC stage: make data/snapshot from the pin. Takes a first pin where there never was one."""
    from ls_dvc.commands import export as stages

    place = session.place()
    pin = stages.export(place, lambda: session.server(place), session.reporter(), now())
    click.echo(f"exported {_named(pin)}")


@cli.command()
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    envvar="LS_DVC_JOBS",
    metavar="N",
    help="Processes to work with; LS_DVC_JOBS in the environment says it inside `dvc repro`.",
)
@click.pass_obj
def convert(session: Session, jobs: int) -> None:
    """DVC stage: make data/dataset and the reports from data/snapshot. No network."""
    from ls_dvc.commands import export as stages

    made = stages.convert(session.place(), session.reporter(), jobs)
    for name, each in made.served.items():
        click.echo(f"{name}: {each.files} files, by the server; what it left out is not known")
    for name, ledger in made.ledgers.items():
        click.echo(
            f"{name}: {ledger.tasks_written} of {ledger.tasks} tasks, "
            f"{ledger.regions_written} of {ledger.regions} regions"
        )


@cli.command()
@click.argument("folder", default="ls-dvc-demo", metavar="[DIR]")
@click.option("--keep-server", is_flag=True, help="Leave Label Studio running until Ctrl-C.")
@click.pass_obj
def demo(session: Session, folder: str, keep_server: bool) -> None:
    """Tell the whole story on a Label Studio of its own, in the new folder DIR."""
    from ls_dvc.demo import tour

    keep = _until_interrupted if keep_server else tour.stop_at_once
    target = session.folder / folder
    tour.tour(target, click.echo, session.reporter(), keep=keep)


def _resolve(session: Session, side: str, *, as_json: bool) -> None:
    from ls_dvc.commands.resolve import resolve

    done = resolve(session.place(), side, session.reporter())
    if as_json:
        facts = {"side": done.side, "clashes": done.clashes, **_pin_facts(done.pin)}
        click.echo(json.dumps(facts))
        return
    for each in done.clashes:
        session.reporter().say(f"note: {each}")
    click.echo(f"took {done.side}: {_named(done.pin)}")
    session.reporter().say("next: `git commit`, or `git rebase --continue`")


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


def _until_interrupted(studio: LocalServer) -> None:
    """Say how to log in, and wait; Ctrl-C is the way out, and no error."""
    click.echo(
        f"\nLabel Studio runs on {studio.url}\n"
        f"  e-mail    {studio.username}\n  password  {studio.password}\nCtrl-C stops it."
    )
    with suppress(KeyboardInterrupt):
        signal.pause()


def _named(pin: Pin) -> str:
    return (
        f"{pin.fingerprint[:12]}: {pin.tasks} tasks, {pin.annotations} annotations "
        f"of project {pin.project_id} ({pin.title})"
    )


def _since(pin: Pin) -> str:
    made = pin.changes
    return f"; +{made.added} ~{made.changed} -{made.removed} since HEAD" if made else ""


def _pin_facts(pin: Pin) -> dict[str, Any]:
    return {
        "fingerprint": pin.fingerprint,
        "project_id": pin.project_id,
        "tasks": pin.tasks,
        "annotations": pin.annotations,
        "pinned_at": pin.pinned_at,
        "changes": vars(pin.changes) if pin.changes else None,
    }


def _status_text(pin: Pin | None, now: Any, *, moved: bool) -> str:
    on_server = f"on the server: {now.tasks} tasks, {now.annotations} annotations"
    if pin is None:
        return f"no pin yet; {on_server}"
    pinned = f"pinned {pin.pinned_at}: {pin.tasks} tasks, {pin.annotations} annotations"
    if not moved:
        return f"as pinned\n{pinned}"
    return f"labels moved\n{pinned}\n{on_server}\nlast change {now.updated_at}"
