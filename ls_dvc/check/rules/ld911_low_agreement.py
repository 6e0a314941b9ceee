"""Several annotators labeled a task, and what they marked is hardly the same.

The mean F1 of their pairs is below `f1`: regions of two annotators are the same if they overlap by
an IoU of 0.5 and have the same labels. Either the task is hard, or the instructions do not say what
to do with it, or one of them made a mistake. Where most tasks are so, it is the instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)


class LowAgreementOptions(Settings, frozen=True, kw_only=True):
    """How much is too little."""

    f1: Annotated[float, between(0, 1)] = 0.4
    """The least mean F1 of the pairs of annotators."""


OPTIONS = LowAgreementOptions


def observe(task: TaskView, options: LowAgreementOptions) -> Iterator[Observation]:  # noqa: ARG001
    """Nothing: agreement is observed already."""
    yield from ()


def faults(
    groups: Groups,  # noqa: ARG001
    context: CheckContext,
    options: LowAgreementOptions,
) -> Iterator[RuleFinding]:
    """Tasks on which annotators agree little; models and ground truth are no annotators."""
    by_task = dict[int, list[Fraction]]()
    for rows in context.agreed.rows.get("f1", {}).values():
        for task, _, other, same, size in rows:
            if isinstance(other, int):
                by_task.setdefault(task, []).append(Fraction(same, size))
    for task, shares in sorted(by_task.items()):
        mean = sum(shares, Fraction(0)) / len(shares)
        if mean < Fraction(options.f1):
            f1 = round(float(mean), 2)
            words = (f"is labeled by annotators who agree little: mean F1 {f1:.2f}",)
            yield RuleFinding(task, words, at={"f1": f1})
