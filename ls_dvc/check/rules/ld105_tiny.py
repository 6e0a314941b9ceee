"""The shorter side of a box or an ellipse has fewer than three pixels.

Most often a click that slipped. Detectors look at the image in steps of eight pixels or more, and
see nothing of it. Projects with small objects may set `side` lower, others hardly higher: at eight
pixels the rule finds lines of text. The size of the image has to be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ls_dvc.check.families import BOX, ELLIPSE
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.views import TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (BOX, ELLIPSE)


class TinyOptions(Settings, frozen=True, kw_only=True):
    """What is tiny."""

    side: Annotated[float, between(0)] = 3.0
    """Pixels that the shorter side must have."""


OPTIONS = TinyOptions


def check(task: TaskView, options: TinyOptions) -> Iterator[RuleFinding]:
    """Shapes with an area, and a side that is too short."""
    for region, geometry, size in task.shapes:
        if geometry is None or size is None:
            continue
        across, down = geometry.extent
        side = min(across * size.width, down * size.height) / 100
        if 0 < side < options.side:
            yield region.finding("has a side of a few pixels", pixels=round(side, 3))
