"""Commands about the labels as they are: init, update, status, the two stages, demo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import boundary
from ls_dvc.cli.pins import pin_document, pin_line
from ls_dvc.cli.session import Session, cli, now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ls_dvc.pin.pin import Pin, Probe
    from ls_dvc.server.interface import SnapshotChoice
    from ls_dvc.update import UpdateReason


def _which(_: click.Context, __: click.Parameter, given: str | None) -> SnapshotChoice | None:
    if given is None:
        return None
    if given == "latest":
        return "latest"
    if not given.isdecimal():
        raise click.BadParameter(f"{given!r} is neither `latest` nor the number of a snapshot")
    return int(given)


@cli.command()
@click.option("--full", is_flag=True, help="Make new snapshots though no labels changed.")
@click.option(
    "--allow-inconsistent",
    is_flag=True,
    help="Pin even if labels keep changing during the export; tasks may be from different moments.",
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
    allow_inconsistent: bool,
    adopt: SnapshotChoice | None,
    side: str | None,
    as_json: bool,
) -> None:
    """Move the pin (labels.lock) to the labels as they are on the server now."""
    from ls_dvc.commands.update import move_pin
    from ls_dvc.pin import lockfile
    from ls_dvc.update import UpdateOptions

    workspace = session.workspace()
    if adopt is not None and (full or allow_inconsistent or side):
        raise click.UsageError("--adopt takes a snapshot as it is, and goes with no other way")
    if side is not None:
        _resolve(session, side, as_json=as_json)
        return
    before = lockfile.find(workspace.pin)
    order = UpdateOptions(
        workspace.params.update, full=full, allow_inconsistent=allow_inconsistent, adopt=adopt
    )
    pin = move_pin(workspace, session.server(workspace), order, session.reporter(), now())
    changed = before is None or pin.fingerprint != before.fingerprint
    if as_json:
        click.echo(json.dumps({"changed": changed, **pin_document(pin)}))
    elif changed:
        click.echo(f"pinned {pin_line(pin)}{_since(pin)}")
        session.reporter().say("next: `dvc repro`, then commit labels.lock and dvc.lock together")
    else:
        click.echo(f"no labels changed: {pin_line(pin)}")


@cli.command()
@click.option("--exit-code", is_flag=True, help="Exit with 10 when an update is due.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def status(session: Session, exit_code: bool, as_json: bool) -> None:
    """Ask the server whether an update is due, and why; changes nothing."""
    from ls_dvc.pin import lockfile
    from ls_dvc.update import update_reasons

    workspace = session.workspace()
    pin, params = lockfile.find(workspace.pin), workspace.params
    state = session.server(workspace).state()
    reasons = update_reasons(
        state, pin, workspace.cache, renames=params.classes.rename, served=params.served
    )
    if as_json:
        click.echo(json.dumps(_status_document(pin, state.probe, reasons)))
    else:
        click.echo(_status_text(pin, state.probe, reasons))
    if reasons and exit_code:
        raise SystemExit(boundary.LABELS_CHANGED)


def _resolve(session: Session, side: str, *, as_json: bool) -> None:
    from ls_dvc.commands.resolve import resolve

    done = resolve(session.workspace(), side, session.reporter())
    if as_json:
        facts = {"side": done.side, "clashes": done.clashes, **pin_document(done.pin)}
        click.echo(json.dumps(facts))
        return
    for each in done.clashes:
        session.reporter().say(f"note: {each}")
    click.echo(f"took {done.side}: {pin_line(done.pin)}")
    session.reporter().say("next: `git commit`, or `git rebase --continue`")


def _since(pin: Pin) -> str:
    made = pin.changes
    return f"; +{made.added} ~{made.changed} -{made.removed} since HEAD" if made else ""


def _status_document(
    pin: Pin | None, now: Probe, reasons: Sequence[UpdateReason]
) -> dict[str, Any]:
    return {
        "changed": bool(reasons),
        "reasons": [{"code": each.code, "message": each.message} for each in reasons],
        "pinned": pin_document(pin) if pin else None,
        "server": {
            "tasks": now.tasks,
            "annotations": now.annotations,
            "updated_at": now.updated_at,
        },
    }


def _status_text(pin: Pin | None, now: Probe, reasons: Sequence[UpdateReason]) -> str:
    lines = [reason.message for reason in reasons] or ["as pinned"]
    if pin is not None:
        lines.append(f"pinned {pin.pinned_at}: {pin.tasks} tasks, {pin.annotations} annotations")
    if reasons:
        lines.append(f"on the server: {now.tasks} tasks, {now.annotations} annotations")
    if any(reason.code == "labels-changed" for reason in reasons):
        lines.append(f"last change {now.updated_at}")
    return "\n".join(lines)
