"""The outlines of shapes: polygons, and what of them lies on the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ls_dvc.formats.image.shapes import Figure, Polygon
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Ellipse, Point, Size

PERCENT = Size(100.0, 100.0)


class Outline(NamedTuple):
    """A polygon, and the size of its image in the same unit: percent or pixels."""

    points: Sequence[Point]
    size: Size

    def fractions(self) -> list[Point]:
        """The points in fractions of the image, rounded to six decimals."""
        width, height = self.size
        return [(round(x / width, 6), round(y / height, 6)) for x, y in self.points]


def of(figure: Figure, size: Size | None) -> Outline | Reason:
    """The outline of a box, an ellipse or a polygon.

    Percent where no size is needed; to rotate, or for an ellipse, pixels.
    """
    if isinstance(figure, Polygon):
        return Outline(figure.points, PERCENT)
    if isinstance(figure, Box) and figure.rotation == 0:
        return Outline(corners(*figure[:4]), PERCENT)
    if not isinstance(figure, Box | Ellipse):
        return Reason.UNSUPPORTED_TYPE
    if size is None:
        return Reason.NO_IMAGE_SIZE
    if isinstance(figure, Box):
        return Outline(figure.in_pixels(size).corners(), size)
    return Outline(figure.outline(size), size)


def visible(figure: Figure, size: Size | None) -> Outline | Reason:
    """The part of an outline that lies on the image."""
    outline = of(figure, size)
    return outline if isinstance(outline, Reason) else clipped(outline)


def clipped(outline: Outline) -> Outline | Reason:
    """The part of it that lies on its image; the same where all of it does."""
    points, (width, height) = outline
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if min(xs) >= 0 and min(ys) >= 0 and max(xs) <= width and max(ys) <= height:
        return outline
    inside = geometry.clipped(points, outline.size)
    if not inside or geometry.is_flat(inside):
        return Reason.OUTSIDE_IMAGE
    return outline._replace(points=inside)


def corners(x: float, y: float, width: float, height: float) -> list[Point]:
    """The corners of an upright box, clockwise from the top left one."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def inside(
    x: float, y: float, width: float, height: float
) -> tuple[float, float, float, float] | Reason:
    """Left, top, right and bottom of the part of a box that lies on the image, all in percent."""
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, 100.0), min(y + height, 100.0)
    return (left, top, right, bottom) if left < right and top < bottom else Reason.OUTSIDE_IMAGE


def keypoint_outcome(point: Point) -> Outcome:
    """Why a key point, in percent, cannot be written; None when it can."""
    on_image = 0 <= point[0] <= 100 and 0 <= point[1] <= 100
    return None if on_image else Reason.OUTSIDE_IMAGE
