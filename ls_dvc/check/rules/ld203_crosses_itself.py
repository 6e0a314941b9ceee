"""The outline of a polygon crosses itself.

Two of its points were set in the wrong order, or a loop was drawn. What is inside is then not
defined: trainers fill such a polygon in different ways, and its area may be wrong by a half. Sides
that touch are no fault.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.crossing import crossing
from ls_dvc.check.families import POLYGON
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.views import TaskView
from ls_dvc.labels import region_values

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (POLYGON,)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Polygons that cross themselves, with one of the places in percent of the image."""
    for region in task.regions(POLYGON):
        points = region_values.polygon(region.value)
        place = crossing(points) if points and len(points) > 3 else None
        if place is not None:
            x, y = place
            yield region.finding("crosses itself", x=round(x, 2), y=round(y, 2))
