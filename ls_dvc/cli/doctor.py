"""Command doctor."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import boundary, output
from ls_dvc.cli.history import AS_JSON
from ls_dvc.cli.output import Cell, Mark, Table
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from ls_dvc.commands.doctor.examination import Examination
    from ls_dvc.commands.doctor.findings import Finding

_MARKS = {"note": Mark.CHANGED, "warning": Mark.CHANGED, "failure": Mark.REMOVED}


@cli.command("doctor")
@click.option("--offline", is_flag=True, help="Ask neither the server nor DVC's remote.")
@AS_JSON
@click.pass_obj
def doctor_command(session: Session, offline: bool, as_json: bool) -> None:
    """Look for what is wrong: versions, git, DVC, the data set, the server, the disk, keys.

    Each finding comes with what fixes it. Nothing is changed, and what is printed may be pasted
    into an issue: it has no keys, no names and no addresses of people. Exits with 1 when some
    command would fail.
    """
    from ls_dvc.commands.doctor.examination import examine

    made = examine(session.folder, offline=offline)
    if as_json:
        output.document(_document(made), indent=2)
    else:
        _write(made)
    if not made.is_well:
        raise SystemExit(boundary.USER)


def _document(made: Examination) -> dict[str, Any]:
    findings = [
        {"name": name, "status": finding.status.value, "words": finding.words, "fix": finding.fix}
        for name, finding in made.findings
    ]
    return {"ok": made.is_well, "findings": findings, "left_out": made.left_out}


def _write(made: Examination) -> None:
    width = max(len(name.partition(".")[2]) for name, _ in made.findings)
    for group, members in groupby(made.findings, lambda each: each[0].partition(".")[0]):
        rows = [row for name, finding in members for row in _rows(name, finding, width)]
        output.write(group, Table(rows, fixed=(0, 1), indent=2))
    output.write(_summary(made))


def _rows(name: str, finding: Finding, width: int) -> list[list[Cell]]:
    status = finding.status.value
    about = name.partition(".")[2].ljust(width)
    marked = output.marked(status.ljust(7), _MARKS.get(status))
    rows: list[list[Cell]] = [[marked, about, finding.words.replace("\n", " ")]]
    if finding.fix:
        rows.append(["", "", f"-> {finding.fix}"])
    return rows


def _summary(made: Examination) -> str:
    from ls_dvc.commands.doctor.findings import Status

    counted = [(made.count(status), status) for status in reversed(Status)]
    words = [f"{n} {each.value}{_plural(n, each.value)}" for n, each in counted if n]
    without = f"; {len(made.left_out)} checks left out" if made.left_out else ""
    return f"{', '.join(words)}{without}"


def _plural(number: int, word: str) -> str:
    return "" if number == 1 or word == "ok" else "s"
