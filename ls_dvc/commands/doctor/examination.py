"""All checks in their order, and running them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.commands.doctor import (
    connection_checks,
    data_checks,
    disk_checks,
    dvc_checks,
    git_checks,
    media_checks,
    secret_checks,
    server_checks,
    versions_checks,
)
from ls_dvc.commands.doctor.findings import Check, Finding, Status, failure
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.commands.doctor.shareable import shareable
from ls_dvc.errors import LsDvcError

CHECKS: tuple[Check, ...] = (
    *versions_checks.CHECKS,
    *git_checks.CHECKS,
    *dvc_checks.CHECKS,
    *data_checks.CHECKS,
    *connection_checks.CHECKS,
    *server_checks.CHECKS,
    *media_checks.CHECKS,
    *disk_checks.CHECKS,
    *secret_checks.CHECKS,
)


@dataclass(frozen=True)
class Examination:
    """What was found, by the name of the check, and which checks were left out."""

    findings: tuple[tuple[str, Finding], ...]
    left_out: tuple[str, ...]

    def count(self, status: Status) -> int:
        """How many findings have this status."""
        return sum(finding.status is status for _, finding in self.findings)

    @property
    def is_well(self) -> bool:
        """Whether nothing would fail."""
        return self.count(Status.FAILURE) == 0


def examine(
    folder: Path, *, offline: bool, environment: Mapping[str, str] | None = None
) -> Examination:
    """Make all checks that can be made; nothing is changed, here or on the server."""
    patient = Patient(folder, os.environ if environment is None else environment)
    findings: list[tuple[str, Finding]] = []
    without: set[str] = set()  # the names of checks that failed or were left out
    left_out: list[str] = []
    with closing(patient):
        for check in CHECKS:
            if without.intersection(check.needs) or (offline and check.asks):
                left_out.append(check.name)
                without.add(check.name)
                continue
            for finding in _found(check, patient):
                findings.append((check.name, finding))
                if finding.status is Status.FAILURE:
                    without.add(check.name)
    return Examination(tuple(findings), tuple(left_out))


def _found(check: Check, patient: Patient) -> Iterator[Finding]:
    """What a check finds, fit to be shown to anybody."""
    try:
        for found in check.look(patient):
            yield Finding(found.status, shareable(found.words), shareable(found.fix))
    except LsDvcError as error:
        yield failure(shareable(str(error)), shareable(error.hint))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        yield failure(shareable(f"{where}{error.strerror or error}"))
