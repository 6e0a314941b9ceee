"""Where boxes and ellipses are on their image."""

from __future__ import annotations

from collections.abc import Sequence

from ls_dvc.check.families import BOX
from ls_dvc.check.regions import RegionView
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Point, Size

_SQUARE = Size(100.0, 100.0)


def outline(region: RegionView) -> Sequence[Point]:
    """The corners of a box, or points on an ellipse: in percent of the image, clockwise.

    None where they cannot be known: what is rotated needs the size of the image.
    """
    size = region_values.image_size(region.region)
    if size is None and region.value.get("rotation"):
        return ()
    size = size or _SQUARE
    points: Sequence[Point] = ()
    if region.family == BOX:
        box = region_values.box(region.value)
        points = box.in_pixels(size).corners() if box else ()
    else:
        ellipse = region_values.ellipse(region.value)
        points = ellipse.outline(size) if ellipse else ()
    return [(x * 100 / size.width, y * 100 / size.height) for x, y in points]
