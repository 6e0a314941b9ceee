"""A check as GitLab's Code Quality report, which a merge request compares by fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ls_dvc.check.comparison import CheckResult
from ls_dvc.check.faults import Fault, Level
from ls_dvc.check.render import report_place
from ls_dvc.check.render.report_place import ReportPlace

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor"}


def document(
    result: CheckResult, faults: Sequence[Fault], place: ReportPlace
) -> list[dict[str, Any]]:
    """The JSON of the report. It quotes no label and names nobody."""
    return [
        {
            "check_name": f"{fault.rule} {fault.name}",
            "description": report_place.sentence(fault),
            "fingerprint": fault.fingerprint,
            "severity": _SEVERITIES.get(fault.level, "info"),
            "location": {"path": place.path, "lines": {"begin": place.line(fault)}},
        }
        for fault in report_place.kept(result, faults)
    ]
