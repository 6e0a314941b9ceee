"""Command formats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.output import Cell, Mark, Table
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.formats.support_matrix import ControlSupport, Support, SupportMatrix
    from ls_dvc.workspace import Workspace

SERVER = "server"  # shown for formats that the server writes: what it leaves out is not known


@cli.command()
@click.argument("name", required=False, metavar="[FORMAT]")
@click.option("--all", "all_controls", is_flag=True, help="Show every control of Label Studio.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def formats(session: Session, name: str | None, all_controls: bool, as_json: bool) -> None:
    """Show which controls each format can hold, and why it leaves others out.

    The controls are those of the pinned label config; without a data set, or with --all, those of
    Label Studio. With FORMAT, show an example of what it writes. The server is not asked.
    """
    from ls_dvc.formats import support_matrix
    from ls_dvc.settings import engines, params, rules

    if name is not None:
        rules.require_format(name)
    in_data_set = not all_controls and (session.folder / params.NAME).exists()
    workspace = session.workspace() if in_data_set else None
    matrix = _of_pin(workspace) if workspace else support_matrix.everything()
    if as_json:
        document = {**matrix.document(), "server": list(engines.SERVED)}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif name is not None:
        output.write(*_one_format(name, matrix))
    elif workspace:
        output.write(*_matrix(matrix, workspace.params.formats, workspace.params.served))
    else:
        output.write(*_by_control(matrix), *_server_formats())


def _of_pin(workspace: Workspace) -> SupportMatrix:
    """For the label config of the pin; without a pin, of the snapshot folder."""
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
            f"no labels are pinned in {lockfile.NAME}, so there is no label config to check",
            "run `ls-dvc update` to pin the current labels, or `ls-dvc formats --all`",
        ) from error
    return support_matrix.of(
        folder.config(), f"the label config in {workspace.snapshot}", folder.classes()
    )


def _matrix(
    matrix: SupportMatrix, chosen: Sequence[str], served: Iterable[str]
) -> Iterator[Cell | Table]:
    """A row for each format and a column for each control; the formats in use have a star."""
    from ls_dvc.formats.registry import FORMATS

    controls = matrix.rows
    usable = [name for name in FORMATS if name not in {*matrix.refused, *served}]
    titles = {name: f"{name} *" if name in chosen else name for name in {*FORMATS, *served}}
    table = Table(
        [
            ["", *(row.control for row in controls)],
            ["", *(row.title for row in controls)],
            *(
                [titles[name], *(_support(row.by_format[name]) for row in controls)]
                for name in usable
            ),
            *([titles[name], *(len(controls) * [SERVER])] for name in served),
        ],
        fixed=(0,),
    )
    if output.fits(table):
        yield table
    else:
        yield from _by_control(matrix)
    refused = {name: why for name, why in matrix.refused.items() if name not in served}
    if refused:
        yield "\ncannot be used here"
        rows = [[titles[name], reason] for name, reason in refused.items()]
        yield Table(rows, fixed=(0,), indent=2)
    yield ""
    yield from _server_formats()
    yield "\n* in label_studio.formats of params.yaml"


def _server_formats() -> Iterator[Cell]:
    from ls_dvc.settings import engines

    yield "Label Studio's server can write, if set in label_studio.engines"
    yield f"  {', '.join(engines.SERVED)}"


def _by_control(matrix: SupportMatrix) -> Iterator[Cell | Table]:
    """For each control, which formats write it and which leave it out for which reason."""
    for row in matrix.rows:
        yield _control_title(row)
        yield _control_table(row)


def _control_title(row: ControlSupport) -> str:
    return row.title if row.title.startswith(row.control) else f"{row.title} ({row.control})"


def _control_table(row: ControlSupport) -> Table:
    names_by_reason: dict[str, list[str]] = {}
    for name, support in row.by_format.items():
        names_by_reason.setdefault(support.reason, []).append(name)
    rows = [[_support_of(reason), ", ".join(names)] for reason, names in names_by_reason.items()]
    return Table(rows, fixed=(0,), indent=2)


def _one_format(name: str, matrix: SupportMatrix) -> Iterator[Cell]:
    """What a format writes of each control."""
    from ls_dvc.formats.registry import FORMATS
    from ls_dvc.settings import engines

    yield f"{name}: {FORMATS[name].SUMMARY}"
    if name in engines.SERVED:
        yield f"Label Studio's server writes it with label_studio.engines: {{{name}: server}}"
    if name in matrix.refused:
        yield f"cannot be used here: {matrix.refused[name]}"
    for row in matrix.rows:
        yield f"\n{_control_title(row)}"
        yield from _example(row.by_format[name])


def _example(support: Support) -> Iterator[Cell]:
    if support.reason:
        yield f"  {support.reason}"
    for path, lines in (support.wrote or {}).items():
        yield f"  {path}"
        yield from (f"    {line}" for line in lines)


def _support(support: Support) -> Cell:
    return _support_of(support.reason)


def _support_of(reason: str) -> Cell:
    return output.marked(reason or "written", Mark.CHANGED if reason else Mark.ADDED)
