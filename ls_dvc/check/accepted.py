"""Accepted faults: a committed file with a line for each, and the reason.

# fault           rule   task  reason
3f9a0c1d2e4b5a67  LD403  2077  the blank belongs to the name of the ship
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ls_dvc.check.faults import Fault
from ls_dvc.errors import LsDvcError

HEAD = "# fault           rule   task  reason\n"

_LINE = re.compile(r"([0-9a-f]{16})\s+(LD\d{3})\s+(\d+)\s+(\S.*)")


@dataclass(frozen=True)
class AcceptedFault:
    """A fault that somebody accepted, and why."""

    fingerprint: str
    rule: str
    task: int
    reason: str


def parse(content: str, where: str) -> Mapping[str, AcceptedFault]:
    """The accepted faults by fingerprint; `LsDvcError` names the file and the line of another."""
    found = dict[str, AcceptedFault]()
    for number, line in enumerate(content.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            raise LsDvcError(
                f"{where}, line {number}, is no accepted fault: {stripped[:60]!r}",
                "a line has the fault, its rule, its task and the reason, with blanks between",
            )
        found[match[1]] = AcceptedFault(match[1], match[2], int(match[3]), match[4])
    return found


def with_fault(content: str, fault: Fault, reason: str) -> str:
    """The file with one more accepted fault at its end; all else in it stays."""
    before = content or HEAD
    separator = "" if before.endswith("\n") else "\n"
    words = (fault.fingerprint, fault.rule, str(fault.finding.task).ljust(4), reason)
    return f"{before}{separator}{'  '.join(words)}\n"
