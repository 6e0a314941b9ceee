"""A check as annotations of a GitHub workflow: commands in its log, ten at most, then totals."""

from __future__ import annotations

from collections.abc import Sequence

from ls_dvc.check.comparison import CheckResult
from ls_dvc.check.faults import Fault, Level
from ls_dvc.check.render import plain_text, report_place
from ls_dvc.check.render.report_place import ReportPlace
from ls_dvc.io.printable import printable_lines

MOST = 10  # annotations of a kind that GitHub keeps of a step
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning"}


def text(result: CheckResult, faults: Sequence[Fault], place: ReportPlace) -> str:
    """The lines, the worst faults first. What comes from labels can start no command."""
    levels = [*Level]
    worst = sorted(faults, key=lambda fault: levels.index(fault.level))
    lines = [_command(fault, place) for fault in worst[:MOST]]
    if len(worst) > MOST:
        lines.append(f"… and {len(worst) - MOST:,} more")
    return "".join(f"{line}\n" for line in [*lines, printable_lines(plain_text.totals(result))])


def _command(fault: Fault, place: ReportPlace) -> str:
    properties = {
        "file": place.path,
        "line": str(place.line(fault)),
        "title": f"{fault.rule} {fault.name}",
    }
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    command = _COMMANDS.get(fault.level, "notice")
    return f"::{command} {given}::{_data(report_place.sentence(fault))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
