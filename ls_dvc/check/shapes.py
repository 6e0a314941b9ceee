"""Boxes and ellipses with their geometry, which many rules look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ls_dvc.check.families import BOX
from ls_dvc.check.regions import RegionView
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Box, Ellipse, Point, Size

_SQUARE = Size(100.0, 100.0)


class ShapeView(NamedTuple):
    """A box or an ellipse: in percent; None without an area.

    `size` is that of its image in pixels; None where it is not known.
    """

    region: RegionView
    geometry: Box | Ellipse | None
    size: Size | None

    def outline(self) -> Sequence[Point]:
        """The corners of a box, or points on an ellipse: in percent of the image, clockwise.

        None where they cannot be known: what is rotated needs the size of the image.
        """
        geometry, size = self.geometry, self.size
        if geometry is None or (size is None and geometry.rotation):
            return ()
        size = size or _SQUARE
        if isinstance(geometry, Box):
            points = geometry.in_pixels(size).corners()
        else:
            points = geometry.outline(size)
        return [(x * 100 / size.width, y * 100 / size.height) for x, y in points]


def shape_view(region: RegionView) -> ShapeView:
    """The geometry of a region that is a box or an ellipse."""
    read = region_values.box if region.family == BOX else region_values.ellipse
    get = region.region.get
    size = region_values.image_size_of(get("original_width"), get("original_height"))
    return ShapeView(region, read(region.value), size)
