"""Commands about versions of labels across git."""

from __future__ import annotations

import json

import click

from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import UserError


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def verify(session: Session, as_json: bool) -> None:
    """Check offline, byte by byte, that the data here is what labels.lock pins."""
    from ls_dvc import lock
    from ls_dvc.verify import verify as check

    verdict = check(session.place())
    if as_json:
        click.echo(json.dumps({"ok": not verdict.problems, **vars(verdict)}))
    else:
        for problem in verdict.problems:
            click.echo(f"wrong: {problem}")
    if verdict.problems:
        raise UserError(
            f"the data here is not what {lock.NAME} pins ({verdict.fingerprint[:12]})",
            "`dvc repro` makes what is pinned (`-f` when DVC thinks that nothing changed)",
        )
    if not as_json:
        click.echo(f"all as pinned: {verdict.fingerprint[:12]}, {verdict.tasks} tasks")
