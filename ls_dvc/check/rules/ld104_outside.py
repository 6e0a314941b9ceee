"""A box or an ellipse reaches beyond its image.

A corner may be a little outside, as dust of rounding: `tolerance` is how far, in percent of the
image. Trainers drop such boxes or stop at them; formats of ls-dvc cut them at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ls_dvc.check.families import BOX, ELLIPSE
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.views import TaskView
from ls_dvc.labels.geometry import Box, Ellipse
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
    for shape in task.shapes:
        if shape.geometry is None or _is_plainly_inside(shape.geometry):
            continue
        distance = max((max(-x, -y, x - 100, y - 100) for x, y in shape.outline()), default=0.0)
        if distance > options.tolerance:
            yield shape.region.finding("reaches beyond the image", percent=round(distance, 3))


def _is_plainly_inside(geometry: Box | Ellipse) -> bool:
    """Whether it is an upright box inside of the image, as nearly all are."""
    if not isinstance(geometry, Box) or geometry.rotation:
        return False
    x, y, width, height, _ = geometry
    return x >= 0 <= y and x + width <= 100 >= y + height
