"""A box or an ellipse reaches beyond its image.

A corner may be a little outside, as dust of rounding: `tolerance` is how far, in percent of the
image. Trainers drop such boxes or stop at them; formats of ls-dvc cut them at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from ls_dvc.check.families import BOX, ELLIPSE
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.outlines import outline
from ls_dvc.check.views import TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (BOX, ELLIPSE)


class OutsideOptions(Settings, frozen=True, kw_only=True):
    """What is still inside."""

    tolerance: Annotated[float, between(0)] = 0.1
    """How far a corner may be outside, in percent of the image."""


OPTIONS = OutsideOptions


def check(task: TaskView, options: OutsideOptions) -> Iterator[RuleFinding]:
    """Shapes of which a corner is too far outside."""
    for region in task.regions(*LOOKS_AT):
        if _is_plainly_inside(region.value):
            continue
        distance = max((max(-x, -y, x - 100, y - 100) for x, y in outline(region)), default=0.0)
        if distance > options.tolerance:
            yield region.finding("reaches beyond the image", percent=round(distance, 3))


def _is_plainly_inside(value: Mapping[str, Any]) -> bool:
    """Whether it is an upright box inside of the image, as nearly all are."""
    get = value.get
    x, y, width, height = get("x"), get("y"), get("width"), get("height")
    if get("rotation") or not type(x) is type(y) is type(width) is type(height) is float:
        return False
    return x >= 0 and y >= 0 and width > 0 < height and x + width <= 100 >= y + height
