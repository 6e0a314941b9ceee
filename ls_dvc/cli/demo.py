"""Command demo."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from ls_dvc.demo.label_studio import LocalServer


@cli.command()
@click.argument("folder", default="ls-dvc-demo", metavar="[DIR]")
@click.option("--keep-server", is_flag=True, help="Leave Label Studio running until Ctrl-C.")
@click.pass_obj
def demo(session: Session, folder: str, keep_server: bool) -> None:
    """Start a local Label Studio and try everything in the new folder DIR."""
    from ls_dvc.demo import tour

    keep = _until_interrupted if keep_server else tour.stop_at_once
    target = session.folder / folder
    tour.tour(target, output.write, session.reporter(), keep=keep)


def _until_interrupted(studio: LocalServer) -> None:
    """Print how to log in, and wait for Ctrl-C, which is no error here."""
    output.write(
        f"\nLabel Studio runs on {studio.url}\n"
        f"  e-mail    {studio.username}\n  password  {studio.password}\nCtrl-C stops it."
    )
    with suppress(KeyboardInterrupt):
        signal.pause()
