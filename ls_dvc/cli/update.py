"""Command update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.pins import pin_document, pin_line
from ls_dvc.cli.session import Session, cli, now

if TYPE_CHECKING:
    from ls_dvc.pin.pin import Pin
    from ls_dvc.server.interface import SnapshotChoice


def _snapshot_choice(
    _: click.Context, __: click.Parameter, given: str | None
) -> SnapshotChoice | None:
    if given is None:
        return None
    if given == "latest":
        return "latest"
    if not given.isdecimal():
        raise click.BadParameter(f"{given!r} is neither `latest` nor the number of a snapshot")
    return int(given)


@cli.command()
@click.option("--full", is_flag=True, help="Export all tasks, even if no labels changed.")
@click.option(
    "--allow-inconsistent",
    is_flag=True,
    help="Pin even if labels keep changing during the export; tasks may be from different moments.",
)
@click.option(
    "--adopt",
    callback=_snapshot_choice,
    metavar="latest|ID",
    help="Pin an export snapshot that somebody made in Label Studio, even if it is outdated.",
)
@click.option(
    "--no-media",
    is_flag=True,
    help="Pin labels alone, without the media that the settings want.",
)
@click.option(
    "--resolve",
    "side",
    type=click.Choice(["ours", "theirs", "newer"]),
    help="In a merge conflict of labels.lock: take the pin of one side. The server is not asked.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def update(
    session: Session,
    full: bool,
    allow_inconsistent: bool,
    adopt: SnapshotChoice | None,
    no_media: bool,
    side: str | None,
    as_json: bool,
) -> None:
    """Pin the labels that are on the server now in labels.lock."""
    from ls_dvc.commands.update import move_pin
    from ls_dvc.pin import lockfile
    from ls_dvc.update import UpdateOptions

    workspace = session.workspace()
    if adopt is not None and (full or allow_inconsistent or side):
        raise click.UsageError("--adopt cannot be combined with other options")
    if side is not None:
        _resolve(session, side, as_json=as_json)
        return
    before = lockfile.find(workspace.pin)
    options = UpdateOptions(
        workspace.params.update,
        full=full,
        allow_inconsistent=allow_inconsistent,
        adopt=adopt,
        without_media=no_media,
    )
    pin = move_pin(workspace, session.server(workspace), options, session.reporter(), now())
    changed = before is None or pin.fingerprint != before.fingerprint
    if as_json:
        output.document({"changed": changed, **pin_document(pin)})
    elif changed:
        output.write(f"pinned {pin_line(pin)}{_since_head(pin)}")
        session.reporter().say("next: `dvc repro`, then commit labels.lock and dvc.lock together")
    else:
        output.write(f"no labels changed: {pin_line(pin)}")


def _resolve(session: Session, side: str, *, as_json: bool) -> None:
    from ls_dvc.commands.resolve import resolve

    result = resolve(session.workspace(), side, session.reporter())
    if as_json:
        document = {"side": result.side, "clashes": result.clashes, **pin_document(result.pin)}
        output.document(document)
        return
    for clash in result.clashes:
        session.reporter().say(f"note: {clash}")
    output.write(f"took {result.side}: {pin_line(result.pin)}")
    session.reporter().say("next: `git commit`, or `git rebase --continue`")


def _since_head(pin: Pin) -> str:
    changes = pin.changes
    if changes is None:
        return ""
    return f"; +{changes.added} ~{changes.changed} -{changes.removed} since HEAD"
