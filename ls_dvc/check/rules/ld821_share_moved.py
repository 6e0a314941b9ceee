"""The share of a label among the regions of its control is another one than in the base.

A class that grew from a tenth to a third since the version that this one is compared with: new data
differ from the old, somebody labels by other rules, or an import went wrong. Both have to hold: the
share changed by more than `points` percentage points, and by more than `z` standard errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Annotated

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import WHOLE, Level, Quote, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)


class ShareMovedOptions(Settings, frozen=True, kw_only=True):
    """How much is too much."""

    points: Annotated[float, between(0, 100)] = 5.0
    """Percentage points."""
    z: Annotated[float, between(0)] = 5.0
    """Standard errors of the difference of two shares."""


OPTIONS = ShareMovedOptions


def observe(task: TaskView, options: ShareMovedOptions) -> Iterator[Observation]:  # noqa: ARG001
    """Nothing: labels are counted already."""
    yield from ()


def faults(
    groups: Groups,  # noqa: ARG001
    context: CheckContext,
    options: ShareMovedOptions,
) -> Iterator[RuleFinding]:
    """Labels whose share changed; nothing where the base's counts are not known."""
    now = context.labels()
    for control, before in sorted((context.base_labels or {}).items()):
        counts = now.get(control, {})
        totals = sum(before.values()), sum(counts.values())
        for label in sorted({*before, *counts}):
            numbers = before.get(label, 0), counts.get(label, 0)
            if all(totals) and _has_moved(numbers, totals, options):
                was, is_now = (
                    100 * part / total for part, total in zip(numbers, totals, strict=True)
                )
                words = (Quote(label), f" is {is_now:.1f} % of the regions, and was {was:.1f} %")
                yield RuleFinding(WHOLE, words, control, subject=label)


def _has_moved(
    numbers: tuple[int, int], totals: tuple[int, int], options: ShareMovedOptions
) -> bool:
    share, other = numbers[0] / totals[0], numbers[1] / totals[1]
    return 100 * abs(share - other) > options.points and z(numbers, totals) > options.z


def z(numbers: tuple[int, int], totals: tuple[int, int]) -> float:
    """How far two shares are apart, in standard errors of their difference if they were equal."""
    pooled = sum(numbers) / sum(totals)
    error = sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
    return abs(numbers[0] / totals[0] - numbers[1] / totals[1]) / error if error else 0.0
