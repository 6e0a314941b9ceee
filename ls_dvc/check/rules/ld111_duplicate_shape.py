"""A box or an ellipse is drawn twice: the same label, nearly in the same place.

An object that is there twice counts twice, and a model learns to find it twice. Shapes of one
annotation are compared whose intersection is more than `iou` of their union. Other labels in the
same place are no fault of this kind, since an object may have several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from ls_dvc.check.families import BOX, ELLIPSE
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.regions import RegionView
from ls_dvc.check.same_place import pairs, placed
from ls_dvc.check.shapes import ShapeView, shape_view
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
    if len(task.shapes) < 2:
        return
    if len(task.annotations) == 1:
        yield from _repeated(task.annotations[0], task.shapes, options.iou)
        return
    for annotation in task.annotations:
        regions = [region for family in LOOKS_AT for region in annotation.families.get(family, ())]
        yield from _repeated(annotation, map(shape_view, regions), options.iou)


def _repeated(
    annotation: AnnotationView, shapes: Iterable[ShapeView], least: float
) -> Iterator[RuleFinding]:
    near = [*pairs(placed(shapes), least)]
    labels = annotation.labels_apart() if near else {}
    repeated = dict[int, tuple[RegionView, RegionView]]()
    for one, other in near:
        first, second = sorted((one.region, other.region), key=_position)
        if _drawn_as(first, labels) == _drawn_as(second, labels):
            known = repeated.setdefault(second.position, (second, first))
            repeated[second.position] = second, min(known[1], first, key=_position)
    for _, (region, earliest) in sorted(repeated.items()):
        yield region.finding_with(earliest, "is drawn twice, with the same label")


def _position(region: RegionView) -> int:
    return region.position


def _drawn_as(region: RegionView, labels: Mapping[str, Sequence[str]]) -> tuple[object, ...]:
    """What two shapes have in common that may be the same one."""
    names = sorted([*region.labels, *labels.get(region.id, ())])
    return region.family, region.control, region.picture, region.id in labels, *names
