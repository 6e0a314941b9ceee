"""Many regions are predictions that an annotator submitted as they were.

They may be right. Or nobody looked: people trust what is drawn already, and a model that is trained
on its own predictions learns its own mistakes. Counted are regions of tasks that came with
predictions; the note is there for each control where a `share` of at least `regions` regions is so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import WHOLE, Level, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.NOTE
REVISION = 1
LOOKS_AT = (TASK,)

_UNCHANGED = "prediction"  # a region's origin; also: manual, prediction-changed


class UnchangedOptions(Settings, frozen=True, kw_only=True):
    """What is worth a note."""

    regions: Annotated[int, between(1)] = 30
    """How many regions there must be."""
    share: Annotated[float, between(0, 1)] = 0.05
    """The share of them that nobody changed."""


OPTIONS = UnchangedOptions


def observe(task: TaskView, options: UnchangedOptions) -> Iterator[Observation]:  # noqa: ARG001
    """By control: how many regions nobody changed, and how many there are."""
    regions = [each for annotation in task.annotations for each in annotation.regions]
    unchanged = [each for each in regions if each.region.get("origin") == _UNCHANGED]
    if unchanged or task.task["predictions"]:
        config, numbers = task.context.config, Counter(each.control for each in unchanged)
        for control, total in Counter(each.control for each in regions).items():
            yield config.declared_control(control), [numbers[control], total]


def faults(
    groups: Groups,
    context: CheckContext,  # noqa: ARG001
    options: UnchangedOptions,
) -> Iterator[RuleFinding]:
    """A note for each control."""
    for control, counts in groups.items():
        unchanged, total = (sum(numbers) for numbers in zip(*counts, strict=True))
        if total >= options.regions and unchanged >= max(options.share * total, 1):
            words = (f"{unchanged:,} of {total:,} regions are predictions that nobody changed",)
            yield RuleFinding(WHOLE, words, control, at={"share": round(unchanged / total, 3)})
