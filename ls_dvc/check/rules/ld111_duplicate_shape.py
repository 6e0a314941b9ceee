"""A box or an ellipse is drawn twice: the same label, nearly in the same place.

An object that is there twice counts twice, and a model learns to find it twice. Shapes of one
annotation are compared whose intersection is more than `iou` of their union. Other labels in the
same place are no fault of this kind, since an object may have several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from ls_dvc.check.families import BOX, ELLIPSE
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.regions import RegionView
from ls_dvc.check.same_place import pairs, placed
from ls_dvc.check.views import AnnotationView, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (BOX, ELLIPSE)


class DuplicateOptions(Settings, frozen=True, kw_only=True):
    """What is nearly the same place."""

    iou: Annotated[float, between(0.5, 1)] = 0.9
    """The intersection over union that is too much."""


OPTIONS = DuplicateOptions


def check(task: TaskView, options: DuplicateOptions) -> Iterator[RuleFinding]:
    """Each shape that repeats an earlier one of its annotation."""
    for annotation in task.annotations:
        for family in LOOKS_AT:
            regions = annotation.families.get(family, ())
            if len(regions) > 1:
                yield from _repeated(annotation, regions, options.iou)


def _repeated(
    annotation: AnnotationView, regions: Sequence[RegionView], least: float
) -> Iterator[RuleFinding]:
    labels = annotation.labels_apart()
    earliest = dict[int, RegionView]()
    later = dict[int, RegionView]()
    for one, other in pairs(placed(regions), least):
        first, second = sorted((one.region, other.region), key=lambda region: region.position)
        if _drawn_as(first, labels) == _drawn_as(second, labels):
            later[second.position] = second
            known = earliest.setdefault(second.position, first)
            if first.position < known.position:
                earliest[second.position] = first
    for position, region in sorted(later.items()):
        yield region.finding_with(earliest[position], "is drawn twice, with the same label")


def _drawn_as(region: RegionView, labels: Mapping[str, Sequence[str]]) -> tuple[object, ...]:
    """What two shapes have in common that may be the same one."""
    names = sorted([*region.labels, *labels.get(region.id, ())])
    return region.control, region.picture, region.id in labels, *names
