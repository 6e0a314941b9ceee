"""A key point that nearly all objects have is missing.

It was forgotten, or got the label of another point; or it cannot be seen on this image, which is no
fault. An object is what the points belong to (their parent in the editor), or the image where they
belong to nothing. Only for labels that a `share` of at least `objects` objects have, and where no
more of them have a label twice: else several objects of an image are one here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from ls_dvc.check.families import KEYPOINT
from ls_dvc.check.faults import Level, Quote, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.key_point_sets import key_point_sets
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (KEYPOINT,)


class MissingPointOptions(Settings, frozen=True, kw_only=True):
    """Which points an object should have."""

    objects: Annotated[int, between(2)] = 20
    """How many objects there must be."""
    share: Annotated[float, between(0.5, 1)] = 0.9
    """The share of them that have the point."""


OPTIONS = MissingPointOptions


def observe(task: TaskView, options: MissingPointOptions) -> Iterator[Observation]:  # noqa: ARG001
    """The labels of the points of each object, and what it belongs to."""
    for each in key_point_sets(task):
        labels = [label for label, points in each.points.items() for _ in points]
        yield each.kind, [task.id, each.control, each.parent, sorted(labels)]


def faults(
    groups: Groups,
    context: CheckContext,  # noqa: ARG001
    options: MissingPointOptions,
) -> Iterator[RuleFinding]:
    """Each usual point that an object lacks."""
    for sets in groups.values():
        if len(sets) >= options.objects:
            yield from _missing(sets, options.share)


def _missing(sets: Sequence[Any], share: float) -> Iterator[RuleFinding]:
    counts = Counter(label for _, _, _, labels in sets for label in {*labels})
    whole = sum(len({*labels}) == len(labels) for _, _, _, labels in sets)
    if whole < share * len(sets):
        return
    usual = {label for label, times in counts.items() if times >= share * len(sets)}
    for task, control, parent, labels in sets:
        for label in sorted(usual.difference(labels)):
            words = (
                "has no ",
                Quote(label),
                f", which {counts[label]} of {len(sets)} objects have (or it is not visible)",
            )
            regions = (parent,) if parent else ()
            yield RuleFinding(task, words, control, regions, subject=label)
