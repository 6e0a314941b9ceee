"""Where faults are for a tool that shows files: lines of the committed `faults.jsonl`.

Labels are not in git. The report is, a line for each fault, and GitHub shows in a pull request only
what is in a line that the pull request changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ls_dvc.check.comparison import CheckResult, FaultState
from ls_dvc.check.faults import WHOLE, Fault, Level
from ls_dvc.io.printable import cut, printable

KEPT = 5_000  # faults: GitHub shows no more, and refuses a file with more than 25,000
_LONGEST, _LONGEST_NAME, _LONGEST_LINK = 300, 80, 500  # characters


@dataclass(frozen=True)
class ReportPlace:
    """The path of the report from the root of the repository; the line of each fault in it."""

    path: str
    lines: Mapping[str, int]

    def line(self, fault: Fault) -> int:
        """The line of a fault; the first one where the report is older than the fault."""
        return self.lines.get(fault.fingerprint, 1)


def of_report(path: str, content: str) -> ReportPlace:
    """The place of the report that has this content; a line begins with `{"fault":"…"`."""
    start = len('{"fault":"')
    lines = enumerate(content.split("\n"), 1)
    return ReportPlace(path, {line[start : start + 16]: number for number, line in lines})


def kept(result: CheckResult, faults: Sequence[Fault]) -> list[Fault]:
    """As many faults as a file may have, in their order: new ones first, then the worst."""
    levels = [*Level]
    ranked = sorted(
        faults,
        key=lambda fault: (
            result.states[fault.fingerprint] is not FaultState.NEW,
            levels.index(fault.level),
        ),
    )
    chosen = {fault.fingerprint for fault in ranked[:KEPT]}
    return [fault for fault in faults if fault.fingerprint in chosen]


def sentence(fault: Fault) -> str:
    """What is wrong and where, in one line; nothing of it is text of labels."""
    finding = fault.finding
    times = f" ×{fault.count}" if fault.count > 1 else ""
    return cut(printable(f"{where(fault)}: {fault.message(quotes=False)}{times}"), _LONGEST) + (
        f" ({cut(printable(finding.control), _LONGEST_NAME)})" if finding.control else ""
    )


def where(fault: Fault) -> str:
    """Such as `task 30, region r30`."""
    finding = fault.finding
    regions = ", region " + " ".join(finding.regions) if finding.regions else ""
    whole = "the data set" if finding.task == WHOLE else f"task {finding.task}"
    return cut(printable(f"{whole}{regions}"), _LONGEST_NAME)


def link(result: CheckResult, fault: Fault) -> str:
    """The address of the fault's task; empty for the data set as a whole, and for a long one."""
    task = fault.finding.task
    address = result.link(task) if task != WHOLE else ""
    is_web = address.startswith(("http://", "https://"))
    return address if is_web and len(address) <= _LONGEST_LINK else ""
