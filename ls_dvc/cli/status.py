"""Command status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import boundary, output
from ls_dvc.cli.output import Cell, Mark, Table
from ls_dvc.cli.pins import pin_document
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from ls_dvc.pin.pin import Pin, Probe
    from ls_dvc.update import UpdateReason


@cli.command()
@click.option("--exit-code", is_flag=True, help="Exit with 10 when an update is due.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def status(session: Session, exit_code: bool, as_json: bool) -> None:
    """Check whether an update is due, and why. Changes nothing."""
    from ls_dvc.commands import agreement
    from ls_dvc.pin import lockfile
    from ls_dvc.update import update_reasons

    workspace = session.workspace()
    pin, params = lockfile.find(workspace.pin), workspace.params
    state = session.server(workspace).state()
    reasons = update_reasons(
        state,
        pin,
        workspace.cache,
        renames=params.classes.rename,
        served=params.served,
        media=params.fetched_media.digest if params.fetched_media else "",
        formats=params.encoded_formats,
    )
    if as_json:
        output.document(_document(pin, state.probe, reasons))
    else:
        output.write(*_lines(reasons), _table(pin, state.probe))
        if reasons:
            session.reporter().say("next: `ls-dvc update`")
    if wrong := agreement.unnoticed(workspace, pin) if pin else "":
        session.reporter().say(f"warning: {wrong}: run `dvc repro -f`")
    if reasons and exit_code:
        raise SystemExit(boundary.LABELS_CHANGED)


def _document(pin: Pin | None, probe: Probe, reasons: Sequence[UpdateReason]) -> dict[str, Any]:
    return {
        "changed": bool(reasons),
        "reasons": [{"code": reason.code, "message": reason.message} for reason in reasons],
        "pinned": pin_document(pin) if pin else None,
        "server": {
            "tasks": probe.tasks,
            "annotations": probe.annotations,
            "updated_at": probe.updated_at,
        },
    }


def _lines(reasons: Sequence[UpdateReason]) -> list[Cell]:
    if not reasons:
        return [output.marked("as pinned", Mark.ADDED)]
    return [output.marked(reason.message, Mark.CHANGED) for reason in reasons]


def _table(pin: Pin | None, probe: Probe) -> Table:
    """The pin and the project on the server; the times are those of the pin and of the change."""
    rows = [["on the server", str(probe.tasks), str(probe.annotations), str(probe.updated_at)]]
    if pin is not None:
        rows.insert(0, ["pinned", str(pin.tasks), str(pin.annotations), str(pin.pinned_at)])
    return Table(rows, ["", "tasks", "annotations", "time"], right=(1, 2), indent=2)
