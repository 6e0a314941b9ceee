"""Command formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.output import Cell, Mark, Table
from ls_dvc.cli.session import Session, cli
from ls_dvc.cli.stages import commonest

if TYPE_CHECKING:
    from ls_dvc.commands.formats import TrialRun
    from ls_dvc.formats.support_matrix import ControlSupport, Support, SupportMatrix

SERVER = "server"  # shown for formats that the server writes: what it leaves out is not known


@cli.command()
@click.argument("name", required=False, metavar="[FORMAT]")
@click.option("--all", "all_controls", is_flag=True, help="Show every control of Label Studio.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def formats(session: Session, name: str | None, all_controls: bool, as_json: bool) -> None:
    """Show which controls each format can hold, and why it leaves others out.

    The controls are those of the pinned label config; without a data set, or with --all, those of
    Label Studio. With FORMAT, show an example of what it writes. If the pinned labels are
    available, the first 1,000 tasks are tried too. The server is not asked.
    """
    from ls_dvc.commands.formats import supported_controls, try_formats
    from ls_dvc.formats import support_matrix
    from ls_dvc.formats.registry import FORMATS
    from ls_dvc.settings import engines, params, rules

    if name is not None:
        rules.require_format(name)
    in_data_set = not all_controls and (session.folder / params.NAME).exists()
    workspace = session.workspace() if in_data_set else None
    matrix = supported_controls(workspace) if workspace else support_matrix.of_every_control()
    trial = try_formats(workspace) if workspace else None
    if as_json:
        document = {
            **matrix.document(),
            "server": list(engines.SERVED),
            "trial": trial.document() if trial else None,
        }
        output.document(document, indent=2)
    elif name is not None:
        output.write(*_one_format(name, matrix), *_trial(trial, [name]))
    elif workspace:
        output.write(*_matrix(matrix, workspace.params.formats, workspace.params.served))
        encoded = [name for name in FORMATS if name not in workspace.params.served]
        output.write(*_trial(trial, encoded))
    else:
        output.write(*_by_control(matrix), *_server_formats())


def _trial(trial: TrialRun | None, names: Sequence[str]) -> Iterator[Cell | Table]:
    """How many regions of the first tasks each format writes, and why it leaves others out."""
    if trial is None or not trial.tasks:
        return
    rows = [
        [
            name,
            f"{trial.formats[name].regions_written} of {trial.formats[name].regions} regions",
            commonest(trial.formats[name].reasons),
        ]
        for name in names
        if name in trial.formats
    ]
    if rows:
        tried = f"the first {trial.tasks} of" if trial.tasks < trial.all_tasks else "all"
        yield f"\nwritten of {tried} {trial.all_tasks} pinned tasks"
        yield Table(rows, fixed=(0, 1), indent=2)


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
    for path, lines in (support.lines or {}).items():
        yield f"  {path}"
        yield from (f"    {line}" for line in lines)


def _support(support: Support) -> Cell:
    return _support_of(support.reason)


def _support_of(reason: str) -> Cell:
    return output.marked(reason or "written", Mark.CHANGED if reason else Mark.ADDED)
