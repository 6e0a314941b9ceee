"""An object has the same key point twice.

Most often the label of another point was picked, which is then missing. An object is what the
points belong to (their parent in the editor), or the image where they belong to nothing. Only found
where at least a `share` of all objects have no label twice: else points are counted, or several
objects of an image are not kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ls_dvc.check.families import KEYPOINT
from ls_dvc.check.faults import Level, Quote, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.key_point_sets import key_point_sets
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (KEYPOINT,)


class TwiceInSetOptions(Settings, frozen=True, kw_only=True):
    """When points are those of one object."""

    share: Annotated[float, between(0.5, 1)] = 0.9
    """The share of objects that have no label twice."""


OPTIONS = TwiceInSetOptions


def observe(task: TaskView, options: TwiceInSetOptions) -> Iterator[Observation]:  # noqa: ARG001
    """The labels of each object, and those that it has twice: label, point, earlier point."""
    for each in key_point_sets(task):
        twice = [
            [label, point.id, points[0].id]
            for label, points in each.points.items()
            for point in points[1:]
        ]
        yield each.kind, [task.id, each.control, sorted(each.points), twice]


def faults(
    groups: Groups,
    context: CheckContext,  # noqa: ARG001
    options: TwiceInSetOptions,
) -> Iterator[RuleFinding]:
    """Points with a label that an earlier point of their object has."""
    for sets in groups.values():
        labels = {label for _, _, labels, _ in sets for label in labels}
        odd = [each for each in sets if each[3]]
        if len(labels) < 2 or len(sets) - len(odd) < options.share * len(sets):
            continue
        for task, control, _, twice in odd:
            for label, point, earlier in twice:
                words = ("is ", Quote(label), ", as another point of the same object is")
                yield RuleFinding(task, words, control, (point, earlier))
