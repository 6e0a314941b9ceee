"""A box or an ellipse has a side that is zero, negative, or no number.

The editor does not draw such shapes; imports, models and scripts write them. No format can hold a
box without area.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import BOX, ELLIPSE
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.views import TaskView
from ls_dvc.labels.region_values import number

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (BOX, ELLIPSE)
OPTIONS = NoOptions

_SIDES = {BOX: ("width", "height"), ELLIPSE: ("radiusX", "radiusY")}


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Boxes and ellipses without an area."""
    for region in task.regions(*LOOKS_AT):
        width, height = _SIDES[region.family]
        across, down = number(region.value.get(width)), number(region.value.get(height))
        if across is None or down is None:
            yield region.finding("has a side that is no number")
        elif across <= 0 or down <= 0:
            yield region.finding("has no area", width=across, height=down)
