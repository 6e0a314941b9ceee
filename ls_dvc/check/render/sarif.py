"""A check as SARIF 2.1.0, for code scanning on GitHub and for editors.

A result is in its line of the committed report. It has less than 2,000 bytes, and a file has 5,000
of them at most: no more than 10 MB before it is compressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ls_dvc.check.comparison import CheckResult, FaultState
from ls_dvc.check.faults import Fault, Level
from ls_dvc.check.registry import RULES
from ls_dvc.check.render import report_place
from ls_dvc.check.render.report_place import ReportPlace

HELP = "https://github.com/ls-dvc/ls-dvc/blob/main/docs/rules.md"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning"}
_STATES = {FaultState.NEW: "new"}


def document(result: CheckResult, faults: Sequence[Fault], place: ReportPlace) -> dict[str, Any]:
    """The JSON of a SARIF file. It quotes no label and names nobody: such files are kept long."""
    shown = report_place.kept(result, faults)
    names = {fault.rule: fault.name for fault in sorted(shown, key=lambda each: each.rule)}
    driver = {
        "name": "ls-dvc check",
        "informationUri": HELP,
        "rules": [_rule(number, name) for number, name in names.items()],
    }
    numbers = {rule: index for index, rule in enumerate(names)}
    found = [_result(result, fault, place, numbers[fault.rule]) for fault in shown]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": found}],
    }


def _rule(number: str, name: str) -> dict[str, Any]:
    module = RULES[number]
    short, _, long = (module.__doc__ or "").strip().partition("\n")
    return {
        "id": number,
        "name": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": " ".join(long.split()) or short},
        "helpUri": f"{HELP}#{number.lower()}-{name}",
        "help": {"text": f"{short} `ls-dvc check --explain {number}` tells more."},
        "defaultConfiguration": {"level": _LEVELS.get(module.LEVEL, "note")},
    }


def _result(result: CheckResult, fault: Fault, place: ReportPlace, rule: int) -> dict[str, Any]:
    state = result.states[fault.fingerprint]
    address = report_place.link(result, fault)
    link = f" [Open the task]({quote(address, safe=':/?#@!$&*+,;=%~')})" if address else ""
    found: dict[str, Any] = {
        "ruleId": fault.rule,
        "ruleIndex": rule,
        "level": _LEVELS.get(fault.level, "note"),
        "message": {"text": _escaped(report_place.sentence(fault)) + link},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path)},
                    "region": {"startLine": place.line(fault)},
                },
                "logicalLocations": [{"fullyQualifiedName": report_place.where(fault)}],
            }
        ],
        "partialFingerprints": {"lsDvcFault/v1": fault.fingerprint},
        "baselineState": _STATES.get(state, "unchanged"),
    }
    if state is FaultState.ACCEPTED:
        found["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return found


def _escaped(text: str) -> str:
    """Text of a message, in which brackets are links and braces are placeholders."""
    plain = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return plain.replace("{", "{{").replace("}", "}}")
