"""Command check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import boundary, output
from ls_dvc.cli.session import Session, cli
from ls_dvc.cli.stages import JOBS
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.check.comparison import CheckResult
    from ls_dvc.check.faults import Fault
    from ls_dvc.check.render.report_place import ReportPlace

FORMATS = ("text", "json", "sarif", "gitlab", "github", "markdown")
WHOLE_FORMATS = ("sarif", "gitlab")  # with known faults: what is not in the file counts as fixed
DOCUMENTS = ("json", *WHOLE_FORMATS)


@cli.command("check")
@click.option(
    "--against",
    metavar="REV",
    help="Compare with the faults of this commit.  [default: HEAD; in CI, where the branch began]",
)
@click.option("--all", "all_faults", is_flag=True, help="List known and accepted faults too.")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    help="Run these rules, by numbers, names or beginnings (LD4); `-` takes away.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How the faults are printed.",
)
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write them to FILE, and print a summary.",
)
@click.option("--statistics", is_flag=True, help="Print a line for each rule, not each fault.")
@click.option("--explain", metavar="RULE", help="Print what a rule finds, and why.")
@click.option(
    "--accept", multiple=True, metavar="FAULT", help="Accept a fault, with --reason, for good."
)
@click.option("--reason", metavar="TEXT", help="With --accept: why it is no fault.")
@click.option("--write", is_flag=True, help="DVC stage: write the reports, and fail for no fault.")
@JOBS
@click.pass_obj
def check_command(
    session: Session,
    against: str | None,
    all_faults: bool,
    select: tuple[str, ...],
    format_name: str,
    file: Path | None,
    statistics: bool,
    explain: str | None,
    accept: tuple[str, ...],
    reason: str | None,
    write: bool,
    jobs: int,
) -> None:
    """Find faults in the labels, and say which are new since a commit.

    Exits with 11 if a new fault is an error; label_studio.check.fail asks for more or less. With
    --write it is the DVC stage, which reports faults and never fails because of them.
    """
    if explain is not None:
        _explain(explain)
    elif accept or reason:
        _accept(session, accept, reason)
    elif write:
        _write(session, jobs)
    else:
        result = _result(session, against, select, jobs)
        _print(session, result, format_name, file, statistics=statistics, all_faults=all_faults)
        _fail(session, result)


def _explain(rule: str) -> None:
    from ls_dvc.check.registry import RULES, names
    from ls_dvc.check.selection import number_named

    number = number_named(rule)
    module = RULES[number]
    output.write(f"{number} {names()[number]} ({module.LEVEL.value})", "")
    output.write_text((module.__doc__ or "").strip())


def _accept(session: Session, faults: tuple[str, ...], reason: str | None) -> None:
    from ls_dvc.commands.check import accept

    if not faults or not reason or not reason.strip():
        raise click.UsageError("--accept and --reason belong together")
    path = accept(session.workspace(), faults, reason, session.reporter())
    output.write(f"accepted {', '.join(faults)} in {path.name}; commit it")


def _write(session: Session, jobs: int) -> None:
    from ls_dvc.commands.check import write_reports

    workspace = session.workspace()
    checked = write_reports(workspace, session.reporter(), jobs)
    report = f"{workspace.params.reports}/{workspace.faults_report.name}"
    output.write(
        f"{len(checked.faults):,} faults in {checked.tasks:,} tasks, "
        f"{checked.regions:,} regions ({report})"
    )


def _result(
    session: Session, against: str | None, select: tuple[str, ...], jobs: int
) -> CheckResult:
    from ls_dvc.commands.check import CheckOptions, check

    chosen = tuple(word for each in select for word in each.split(",") if word)
    options = CheckOptions(against, chosen, jobs)
    return check(session.workspace(), options, session.reporter())


def _print(
    session: Session,
    result: CheckResult,
    format_name: str,
    file: Path | None,
    *,
    statistics: bool,
    all_faults: bool,
) -> None:
    from ls_dvc.check.comparison import FaultState
    from ls_dvc.check.render import plain_text

    if result.adopted and result.checked.faults:
        where = f"{result.base} has no report of faults" if result.base else "there is no commit"
        session.reporter().say(
            f"{where}, so all count as known: `dvc repro`, then commit the reports"
        )
    states = (FaultState.NEW, *((FaultState.KNOWN,) if format_name in WHOLE_FORMATS else ()))
    shown = result.faults() if all_faults else result.faults(*states)
    if file is not None:
        text = _rendered(session, result, shown, format_name, statistics=statistics)
        _write_file(session.folder / file, text)
        output.write(plain_text.totals(result))
        return
    printed = _rendered(session, result, shown, format_name, statistics=statistics).rstrip()
    if format_name == "github":
        output.write_commands(printed)
    elif format_name in DOCUMENTS:
        output.write_json(printed)
    else:
        output.write_text(printed)


def _rendered(
    session: Session, result: CheckResult, shown: list[Fault], format_name: str, *, statistics: bool
) -> str:
    from ls_dvc.check.fault_changes import of_check
    from ls_dvc.check.render import github, markdown, plain_text
    from ls_dvc.commands.check import place_of_report
    from ls_dvc.io import canonical_json

    if format_name == "text":
        return plain_text.statistics(result) if statistics else plain_text.text(result, shown)
    if format_name == "markdown":
        return markdown.section(of_check(result), result.link) + "\n"
    place = place_of_report(session.workspace())
    if format_name == "github":
        return github.text(result, shown, place)
    return canonical_json.document(_document(result, shown, format_name, place)).decode()


def _document(
    result: CheckResult, shown: list[Fault], format_name: str, place: ReportPlace
) -> object:
    from ls_dvc.check.render import gitlab, json_document, sarif

    if format_name == "json":
        return json_document.document(result, shown)
    return {"gitlab": gitlab, "sarif": sarif}[format_name].document(result, shown, place)


def _write_file(path: Path, text: str) -> None:
    from ls_dvc.check.render.own_output import is_own
    from ls_dvc.io.files import is_there, write_atomically

    if not path.parent.is_dir():
        raise LsDvcError(f"there is no folder {path.parent}", "make it first")
    if is_there(path) and not is_own(path.read_bytes()):
        raise LsDvcError(
            f"{path} is there, and is no output of this command", "name another file, or remove it"
        )
    write_atomically(path, text.encode())


def _fail(session: Session, result: CheckResult) -> None:
    from ls_dvc.check.faults import Level

    asked = session.workspace().params.check.fail
    if result.failing(asked.faults, Level(asked.level)):
        raise SystemExit(boundary.NEW_FAULTS)
