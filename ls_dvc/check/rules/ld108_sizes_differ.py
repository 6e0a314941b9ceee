"""The regions of one image do not agree on its size.

Regions are in percent, and have the size of the image in pixels with them. Where one has another
size, the image was replaced, or a script wrote a wrong one: its pixels are computed wrongly. The
size that most regions of the image have counts as the right one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ls_dvc.check.families import SHAPES
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import TaskView
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Size

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = SHAPES
OPTIONS = NoOptions

_Sized = tuple[RegionView, Size]


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Regions with another size than most regions of their image."""
    regions = task.regions(*LOOKS_AT)
    first = _as_written(regions[0])
    if all(_as_written(region) == first for region in regions):
        return
    images = dict[str, list[_Sized]]()
    for region in regions:
        size = region_values.image_size(region.region)
        if size is not None:
            images.setdefault(region.picture, []).append((region, size))
    for sized in images.values():
        if any(size != sized[0][1] for _, size in sized):
            yield from _differing(sized)


def _differing(sized: Sequence[_Sized]) -> Iterator[RuleFinding]:
    usual = Counter(size for _, size in sized).most_common(1)[0][0]
    for region, size in sized:
        if size != usual:
            words = (
                f"is of an image of {_pixels(size)} pixels, and others of this image have "
                f"{_pixels(usual)}"
            )
            yield region.finding(words, width=size.width, height=size.height)


def _as_written(region: RegionView) -> tuple[Any, Any]:
    return region.region.get("original_width"), region.region.get("original_height")


def _pixels(size: Size) -> str:
    return f"{size.width:g} x {size.height:g}"
