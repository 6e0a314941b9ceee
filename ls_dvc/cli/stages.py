"""The DVC stages: export and convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ls_dvc.cli.pins import pin_line
from ls_dvc.cli.session import Session, cli, now

if TYPE_CHECKING:
    pass


@cli.command()
@click.pass_obj
def export(session: Session) -> None:
    """DVC stage: make data/snapshot from the pin. Takes a first pin where there never was one."""
    from ls_dvc.commands import export as stage

    workspace = session.workspace()
    pin = stage.export(workspace, lambda: session.server(workspace), session.reporter(), now())
    click.echo(f"exported {pin_line(pin)}")


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
    from ls_dvc.commands import convert as stage

    made = stage.convert(session.workspace(), session.reporter(), jobs)
    for name, each in made.served.items():
        click.echo(f"{name}: {each.files} files, by the server; what it left out is not known")
    for name, ledger in made.ledgers.items():
        click.echo(
            f"{name}: {ledger.tasks_written} of {ledger.tasks} tasks, "
            f"{ledger.regions_written} of {ledger.regions} regions"
        )
