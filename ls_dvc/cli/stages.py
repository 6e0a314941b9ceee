"""The DVC stages: export, media and convert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.pins import pin_line
from ls_dvc.cli.session import Session, cli, now
from ls_dvc.io.byte_sizes import in_units

if TYPE_CHECKING:
    from ls_dvc.convert.ledger import Ledger

SHOWN_REASONS = 2


@cli.command("export")
@click.pass_obj
def export_command(session: Session) -> None:
    """DVC stage: write data/snapshot, the labels that labels.lock pins.

    In a new repository, where no labels are pinned yet, it pins the current labels first.
    """
    from ls_dvc.commands.export import export

    workspace = session.workspace()
    pin = export(workspace, lambda: session.server(workspace), session.reporter(), now())
    output.write(f"exported {pin_line(pin)}")


@cli.command("media")
@click.pass_obj
def media_command(session: Session) -> None:
    """DVC stage: write data/media, the files that the labels of labels.lock are about.

    Each is taken from the side cache, DVC's cache or DVC's remote, and asked for again only where
    none of them has it. A file with other bytes than those that are pinned is refused.
    """
    from ls_dvc.commands.fetch_media import fetch_media

    workspace = session.workspace()
    result = fetch_media(workspace, lambda: session.server(workspace), session.reporter())
    done = "are in" if result.made else "were already in"
    size = in_units(result.bytes)
    output.write(f"{result.files} media files ({size}) {done} {workspace.params.data}/media")


JOBS = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    envvar="LS_DVC_JOBS",
    metavar="N",
    help="Number of processes. With `dvc repro`, set LS_DVC_JOBS in the environment.",
)


@cli.command("convert")
@JOBS
@click.option(
    "--executor",
    "executor_name",
    default="",
    envvar="LS_DVC_EXECUTOR",
    metavar="NAME",
    help="Workers on other machines: dask:ADDRESS, dask: or MODULE:FUNCTION. With `dvc repro`, "
    "set LS_DVC_EXECUTOR in the environment.",
)
@click.pass_obj
def convert_command(session: Session, jobs: int, executor_name: str) -> None:
    """DVC stage: write data/dataset and the reports from data/snapshot, without network.

    The bytes are the same, however many processes and machines work on them.
    """
    from ls_dvc.cluster import executors
    from ls_dvc.commands.convert import convert

    workspace, report = session.workspace(), session.reporter()
    with executors.opened(executor_name, jobs, report) as executor:
        result = convert(workspace, report, executor)
    ledgers = f"{workspace.params.reports}/{workspace.ledger_report.name}"
    for name, summary in result.served.items():
        output.write(f"{name}: {summary.files} files by the server; what it left out is not known")
    for name, ledger in result.ledgers.items():
        output.write(f"{name}: {_written(ledger)}{_left_out(ledger, ledgers)}")


def _written(ledger: Ledger) -> str:
    return (
        f"{ledger.tasks_written} of {ledger.tasks} tasks, "
        f"{ledger.regions_written} of {ledger.regions} regions"
    )


def _left_out(ledger: Ledger, report: str) -> str:
    """The commonest reasons why regions were left out, and the file that lists all of them."""
    reasons = ledger.region_reasons()
    return f"; left out: {commonest(reasons)} ({report})" if reasons else ""


def commonest(reasons: Sequence[tuple[str, int]]) -> str:
    """Such as `4 unsupported-type, 2 outside-image, 1 for other reasons`."""
    shown = [f"{count} {reason}" for reason, count in reasons[:SHOWN_REASONS]]
    others = sum(count for _, count in reasons[SHOWN_REASONS:])
    return ", ".join([*shown, *([f"{others} for other reasons"] if others else [])])
