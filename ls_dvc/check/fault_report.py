"""The reports: `faults.jsonl`, a line for each fault, and `check.json` for `dvc metrics`.

Both are in git, which never forgets: they hold no text of the labels, no file names and no people.
They are also what later versions are compared with, so both can be read again.

A line begins with what never changes while the fault stays the same:

    {"fault":"3f9a0c1d2e4b5a67","rule":"LD403","name":"edge-blank","task":2077,"control":"label",
     "regions":["aB3xK9_q"],"level":"error","at":{"start":120,"end":147}}
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.check.agreed import ALL, AgreedLabels
from ls_dvc.check.faults import Fault, Level
from ls_dvc.check.result import CheckedLabels
from ls_dvc.io import canonical_json
from ls_dvc.io.strict_values import count, mapping, matching, sequence, text

FAULTS, SUMMARY = "faults.jsonl", "check.json"

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_RULE = re.compile(r"LD\d{3}")
_NAME = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True)
class RecordedFault:
    """A fault as an earlier report has it."""

    fingerprint: str
    rule: str
    name: str
    task: int
    regions: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True)
class RecordedCheck:
    """An earlier report. `rules` are those that ran, with their revisions: None where that is not
    known. `conventions` are the rules that had found a habit.
    """

    faults: Mapping[str, RecordedFault]
    rules: Mapping[str, int] | None = None
    conventions: frozenset[str] = field(default_factory=frozenset)

    def has(self, fingerprint: str, count: int) -> bool:
        """Whether a fault is in it, at least as often."""
        fault = self.faults.get(fingerprint)
        return fault is not None and fault.count >= count


def faults_jsonl(faults: Iterable[Fault]) -> bytes:
    """`faults.jsonl`."""
    return b"".join(_line(fault) for fault in faults)


def _line(fault: Fault) -> bytes:
    finding = fault.finding
    document: dict[str, Any] = {
        "fault": fault.fingerprint,
        "rule": fault.rule,
        "name": fault.name,
        "task": finding.task,
        "control": finding.control,
        "regions": [*finding.regions],
        "level": fault.level.value,
        "count": fault.count if fault.count > 1 else None,
        "at": dict(sorted(finding.at.items())),
    }
    kept = {key: value for key, value in document.items() if value or key == "task"}
    return json.dumps(kept, separators=(",", ":")).encode() + b"\n"


def check_json(checked: CheckedLabels) -> bytes:
    """`check.json`: faults by level and rule, agreement, habits, and the rules that ran."""
    levels = Counter(fault.level for fault in checked.faults)
    rules = Counter(fault.rule for fault in checked.faults)
    ran = [
        rule if revision == 1 else f"{rule}.{revision}" for rule, revision in checked.rules.items()
    ]
    # Not `error`: DVC takes metrics with such a key for unreadable, and empty mappings, too.
    document: dict[str, Any] = {
        "faults": len(checked.faults),
        "levels": {f"{level.value}s": levels[level] for level in Level},
        "rules": {rule: rules[rule] for rule in checked.rules},
        "tasks": checked.tasks,
        "regions": checked.regions,
        "checked": " ".join(ran),
    }
    if agreement := _agreement(checked.agreed):
        document["agreement"] = agreement
    if checked.conventions:
        document["conventions"] = {
            each.rule: {"found": each.found, "cases": each.cases} for each in checked.conventions
        }
    return canonical_json.document(document)


def _agreement(agreed: AgreedLabels) -> dict[str, dict[str, float]]:
    """What annotators agree about, by control and measure; values of too few tasks are left out."""
    found = dict[str, dict[str, float]]()
    for each in agreed.values:
        if each.annotators == ALL and each.value is not None:
            found.setdefault(each.control, {})[each.measure] = round(float(each.value), 4)
    return found


def recorded(faults: str, summary: str | None) -> RecordedCheck:
    """What the two files of an earlier version hold; `ValueError` for others."""
    listed = [_recorded_fault(number, line) for number, line in enumerate(faults.splitlines(), 1)]
    by_fingerprint = {fault.fingerprint: fault for fault in listed}
    if summary is None:
        return RecordedCheck(by_fingerprint)
    document = mapping(json.loads(summary))
    ran = (word.partition(".") for word in text(document["checked"]).split())
    return RecordedCheck(
        by_fingerprint,
        {matching(_RULE, rule): int(revision or 1) for rule, _, revision in ran},
        frozenset(mapping(document.get("conventions", {}))),
    )


def _recorded_fault(number: int, line: str) -> RecordedFault:
    try:
        document = mapping(json.loads(line))
        return RecordedFault(
            matching(_FINGERPRINT, document["fault"]),
            matching(_RULE, document["rule"]),
            matching(_NAME, document["name"]),
            count(document["task"]),
            tuple(map(text, sequence(document.get("regions", [])))),
            count(document.get("count", 1)),
        )
    except (ValueError, KeyError, RecursionError) as error:
        raise ValueError(f"line {number} is no fault: {error}") from error


START = 1 << 16  # bytes at the beginning of a report that show what it is
_CHECKED = re.compile(rb'^  "checked": "[LD0-9. ]*",$', re.MULTILINE)


def is_faults(start: bytes) -> bool:
    """Whether a file that begins so is a `faults.jsonl`; one without faults is empty."""
    return not start or start.startswith((b'{"fault":"', b"<<<<<<< "))


def is_summary(start: bytes) -> bool:
    """Whether a file that begins so is a `check.json`, if with the marks of a merge conflict."""
    return _CHECKED.search(start) is not None
