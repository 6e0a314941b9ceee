"""Commands that write pages to look at: report."""

from __future__ import annotations

from pathlib import Path

import click

from ls_dvc.cli import output
from ls_dvc.cli.session import Session, cli

MB = 1_000_000


@cli.command("report")
@click.argument("rev", required=False)
@click.option(
    "--html",
    "page",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The file to write.",
)
@click.option(
    "--max-size",
    default=10,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="MB",
    help="How much the images of the gallery may take.",
)
@click.pass_obj
def report_command(session: Session, rev: str | None, page: Path, max_size: int) -> None:
    """Write a page about a version: classes, sizes, annotators, agreement, examples.

    REV is a commit; without it, the version in the workspace.
    """
    from ls_dvc.commands.report_page import write_report_page
    from ls_dvc.io.byte_sizes import in_units

    path = session.folder / page
    size = write_report_page(session.workspace(), rev, path, max_size * MB, session.reporter())
    output.write(f"wrote {page}: {in_units(size)}")
