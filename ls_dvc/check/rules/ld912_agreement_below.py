"""Annotators agree less about a control than `label_studio.check.agreement` asks for.

`agreement: {tag: {f1: 0.5}}` is a limit for the control `tag`; [check](check.md#agreement) has the
measures. Without a limit, and for fewer tasks than `min_tasks`, there is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.agreed import ALL
from ls_dvc.check.families import TASK
from ls_dvc.check.faults import WHOLE, Level, RuleFinding
from ls_dvc.check.interface import Groups, NoOptions, Observation
from ls_dvc.check.views import CheckContext, TaskView

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def observe(task: TaskView, options: NoOptions) -> Iterator[Observation]:  # noqa: ARG001
    """Nothing: agreement is observed already."""
    yield from ()


def faults(groups: Groups, context: CheckContext, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Limits that are not kept by all annotators together."""
    values = {
        (each.control, each.measure): each.value
        for each in context.agreed.values
        if each.annotators == ALL
    }
    for control, measure, least in context.agreed.limits:
        value = values.get((control, measure))
        if value is not None and value < least:
            words = (f"{measure} of annotators is {float(value):.3f}, less than {least:g}",)
            at = {"value": round(float(value), 3)}
            yield RuleFinding(WHOLE, words, control, at=at, subject=measure)
