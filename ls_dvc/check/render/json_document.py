"""A check as JSON, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ls_dvc.check.agreed import AgreementValue
from ls_dvc.check.comparison import CheckResult
from ls_dvc.check.faults import Fault


def document(result: CheckResult, faults: Sequence[Fault]) -> dict[str, Any]:
    """The JSON of a check."""
    checked = result.checked
    return {
        "base": result.base,
        "adopted": result.adopted,
        **result.counts,
        "tasks": checked.tasks,
        "regions": checked.regions,
        "faults": [_fault(fault, result) for fault in faults],
        "fixed_faults": [{**vars(fault), "regions": [*fault.regions]} for fault in result.fixed],
        "conventions": [vars(each) for each in checked.conventions],
        "agreement": [_agreement(each) for each in checked.agreed.values],
        "unchecked": [*result.unchecked],
    }


def _agreement(each: AgreementValue) -> dict[str, Any]:
    ends = (each.value, each.low, each.high)
    value, low, high = (None if end is None else round(float(end), 4) for end in ends)
    return {**each._asdict(), "value": value, "low": low, "high": high}


def _fault(fault: Fault, result: CheckResult) -> dict[str, Any]:
    finding = fault.finding
    return {
        "fault": fault.fingerprint,
        "rule": fault.rule,
        "name": fault.name,
        "level": fault.level.value,
        "state": result.states[fault.fingerprint].value,
        "task": finding.task,
        "control": finding.control,
        "regions": [*finding.regions],
        "at": dict(finding.at),
        "count": fault.count,
        "message": fault.message(),
        "link": result.address(fault),
    }
