"""The report `agreement.csv`, for `dvc plots`: values of enough tasks, with their intervals.

It is in git, which never forgets: annotators are named only where the settings ask for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from fractions import Fraction

from ls_dvc.check.agreed import ALL, AgreementValue

_COLUMNS = (
    *("what", "control", "measure", "annotators", "tasks", "pairs"),
    *("value", "low", "high"),
)


def agreement_csv(values: Iterable[AgreementValue]) -> bytes:
    """`agreement.csv`; `what` is the name of a bar, which no other has."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    for each in values:
        if each.value is not None:
            compared = "" if each.annotators == ALL else f": {each.annotators}"
            numbers = map(_rounded, (each.value, each.low, each.high))
            table.writerow([f"{each.control} {each.measure}{compared}", *each[:5], *numbers])
    return out.getvalue().encode(errors="replace")


def _rounded(value: Fraction | None) -> float | str:
    return "" if value is None else round(float(value), 4)


def is_agreement(start: bytes) -> bool:
    """Whether a file that begins so is an `agreement.csv`, if with a mark of a conflict."""
    return ",".join(_COLUMNS).encode() in start.splitlines()[:2]
