"""How far people agree: what tasks show of it, and what follows for the data set.

Tasks give rows, which are kept by shard and joined by putting them together. A row is a JSON list:
the task, the one who is compared and the other, and what was found. Of a share (`f1`, say) these
are two whole numbers, how much of how much; of a coefficient (`alpha`) they are what both answered,
and what that is about where it is not the task as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from ls_dvc.io.printable import printable

Rater = int | str
"""The id of an annotator, `TRUTH`, or the name of a model."""

TRUTH = "ground truth"
SCALE = 10**12  # whole numbers that make 1: an IoU of 0.5 is half of it

AgreementRow = list[Any]
AgreementRows = Mapping[str, Mapping[str, Sequence[AgreementRow]]]
"""Rows by measure and control."""

ALL = "all"  # annotators, compared with each other


class AgreementValue(NamedTuple):
    """How far people agree about a control, or a model with them.

    `annotators` says who is compared: `all` annotators with each other, with the ground truth, with
    a model, or one of them with another. `pairs` are pairs of annotations in `tasks`. `value` is at
    most 1, and None for too few tasks; `low` and `high` are the ends of its 95 % interval.
    """

    control: str
    measure: str
    annotators: str
    tasks: int
    pairs: int
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None


class AgreementLimit(NamedTuple):
    """Of a control the least value of a measure."""

    control: str
    measure: str
    least: float


@dataclass(frozen=True)
class AgreedLabels:
    """The agreement in a data set. `least_tasks` are needed for a value to mean something."""

    rows: AgreementRows = field(default_factory=dict)
    values: Sequence[AgreementValue] = ()
    limits: Sequence[AgreementLimit] = ()
    least_tasks: int = 0


def model(version: str) -> str:
    """What a version of a model is called."""
    return f"model {printable(version)}".strip()


def joined(parts: Iterable[AgreementRows]) -> AgreementRows:
    """The rows of several shards."""
    whole = dict[str, dict[str, list[AgreementRow]]]()
    for part in parts:
        for measure, controls in part.items():
            found = whole.setdefault(measure, {})
            for control, rows in controls.items():
                found.setdefault(control, []).extend(rows)
    return whole
