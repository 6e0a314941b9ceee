"""A mask has no pixel.

Its region is in the list of the editor and nowhere on the image: everything of it was erased, or
the export wrote none of its pixels. Formats write nothing for it, or an object without an area.
Masks as pictures (`BitMask`) are not looked into.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import LABEL, MASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import AnnotationView, TaskView
from ls_dvc.formats.image import masks

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (MASK,)
OPTIONS = NoOptions

_PICTURE = "imageDataURL"


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Masks without any pixel, neither in the region nor in another result with its id."""
    for annotation in task.annotations:
        for region in annotation.families.get(MASK, ()):
            if _is_empty(region) and not _is_drawn_elsewhere(region, annotation):
                yield region.finding("has no pixel")


def _is_empty(region: RegionView) -> bool:
    if region.value.get("rle"):
        return masks.is_empty(region.value)
    return not region.value.get(_PICTURE)


def _is_drawn_elsewhere(region: RegionView, annotation: AnnotationView) -> bool:
    """Brush and Labels write the same mask into two results."""
    others = (*annotation.families.get(MASK, ()), *annotation.families.get(LABEL, ()))
    same = [each for each in others if each.id == region.id and each is not region]
    return any(masks.is_mask(each.value) and not _is_empty(each) for each in same)
