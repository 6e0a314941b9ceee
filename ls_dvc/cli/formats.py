"""The command about formats: what they can carry, before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import tables
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.formats.support_matrix import ControlSupport, Support, SupportMatrix
    from ls_dvc.workspace import Workspace

SERVED = "server"  # in place of what our own converter does with a control


@cli.command()
@click.argument("name", required=False, metavar="[FORMAT]")
@click.option("--all", "everything", is_flag=True, help="Every control of Label Studio.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def formats(session: Session, name: str | None, everything: bool, as_json: bool) -> None:
    """What each format writes of each control, and what it drops for which reason.

    With FORMAT, what it writes of each, as an example. The controls are those of the labels that
    are pinned here; outside of a data set, and with --all, those of Label Studio. Asks no server.
    """
    from ls_dvc.formats import support_matrix
    from ls_dvc.settings import engines, params, rules

    if name is not None:
        rules.require_format(name)
    here = not everything and (session.folder / params.NAME).exists()
    workspace = session.workspace() if here else None
    table = _of_pin(workspace) if workspace else support_matrix.everything()
    if as_json:
        document = {**table.document(), "server": list(engines.SERVED)}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif name is not None:
        click.echo("\n".join(_one(name, table)))
    elif workspace:
        click.echo("\n".join(_matrix(table, workspace.params.formats, workspace.params.served)))
    else:
        click.echo("\n".join(line for row in table.rows for line in _block(row)))
        click.echo("\n".join(_server()))


def _of_pin(workspace: Workspace) -> SupportMatrix:
    """By the pin, else by the snapshot that lies here."""
    from ls_dvc.formats import support_matrix
    from ls_dvc.pin import lockfile
    from ls_dvc.snapshot import snapshot_folder

    pin = lockfile.find(workspace.pin)
    if pin is not None:
        return support_matrix.of(
            pin.label_config, f"the label config in {lockfile.NAME}", pin.classes
        )
    try:
        folder = snapshot_folder.read(workspace.snapshot)
    except LsDvcError as error:
        raise LsDvcError(
            f"{lockfile.NAME} pins nothing yet, so there is no label config to look at",
            "`ls-dvc update` pins one; `ls-dvc formats --all` looks at everything",
        ) from error
    return support_matrix.of(
        folder.config(), f"the label config in {workspace.snapshot}", folder.classes()
    )


def _matrix(table: SupportMatrix, chosen: Sequence[str], served: Iterable[str]) -> Iterator[str]:
    """A line for each format; those of the settings bear a star.

    What the server leaves out of those that it is to write, nobody knows.
    """
    from ls_dvc.formats.registry import FORMATS

    rows, able = table.rows, [each for each in FORMATS if each not in {*table.refused, *served}]
    head = [["", *(row.control for row in rows)], ["", *(row.title for row in rows)]]
    stars = {name: f"{name} *" if name in chosen else name for name in {*FORMATS, *served}}
    lines = [[stars[name], *(_word(row.by_format[name]) for row in rows)] for name in able]
    theirs = [[stars[name], *(len(rows) * [SERVED])] for name in served]
    yield from tables.aligned([*head, *lines, *theirs])
    refused = {name: why for name, why in table.refused.items() if name not in served}
    if refused:
        yield "\ncannot be used here"
        yield from tables.aligned([f"  {stars[name]}", why] for name, why in refused.items())
    yield ""
    yield from _server()
    yield "\n* in label_studio.formats of params.yaml"


def _server() -> Iterator[str]:
    from ls_dvc.settings import engines

    yield "written by Label Studio's server, where label_studio.engines says so"
    yield f"  {', '.join(engines.SERVED)}"


def _block(row: ControlSupport) -> Iterator[str]:
    """A control, and which formats do what with it."""
    found: dict[str, list[str]] = {}
    for name, verdict in row.by_format.items():
        found.setdefault(_word(verdict), []).append(name)
    yield row.title
    yield from tables.aligned([f"  {word}", ", ".join(names)] for word, names in found.items())


def _one(name: str, table: SupportMatrix) -> Iterator[str]:
    """What a format writes of each control."""
    from ls_dvc.formats.registry import FORMATS
    from ls_dvc.settings import engines

    yield f"{name}: {FORMATS[name].SUMMARY}"
    if name in engines.SERVED:
        yield "Label Studio's server writes it instead where label_studio.engines says so"
    if name in table.refused:
        yield f"cannot be used here: {table.refused[name]}"
    for row in table.rows:
        verdict = row.by_format[name]
        yield f"\n{row.title}" + ("" if row.title.startswith(row.control) else f" ({row.control})")
        yield from (f"  {line}" for line in _lines(verdict))


def _lines(verdict: Support) -> Iterator[str]:
    if verdict.reason:
        yield _word(verdict)
    for path, lines in (verdict.wrote or {}).items():
        yield path
        yield from (f"  {line}" for line in lines)


def _word(verdict: Support) -> str:
    return verdict.reason or "written"
