"""Which shapes of an image are in the same place, without comparing each with each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ls_dvc.check.regions import RegionView
from ls_dvc.check.shapes import ShapeView
from ls_dvc.labeldiff.overlap import intersection
from ls_dvc.labels.geometry import Box, Point, area, bounding_box

CROWD = 64


class PlacedShape(NamedTuple):
    """A box or an ellipse with the upright box around it, in percent of the image.

    `outline` has the corners of what is no upright box; `area` is percent by percent.
    """

    region: RegionView
    left: float
    top: float
    width: float
    height: float
    area: float
    outline: Sequence[Point] = ()

    def points(self) -> Sequence[Point]:
        """Its outline, whatever it is."""
        if self.outline:
            return self.outline
        right, bottom = self.left + self.width, self.top + self.height
        return (self.left, self.top), (right, self.top), (right, bottom), (self.left, bottom)


def placed(shapes: Iterable[ShapeView]) -> Iterator[PlacedShape]:
    """Those with an area, where it is known where they are."""
    for shape in shapes:
        geometry = shape.geometry
        if isinstance(geometry, Box) and not geometry.rotation:
            x, y, width, height, _ = geometry
            yield PlacedShape(shape.region, x, y, width, height, width * height)
        elif points := shape.outline():
            x, y, width, height, _ = bounding_box(points)
            if size := area(points):
                yield PlacedShape(shape.region, x, y, width, height, size, points)


def pairs(shapes: Iterable[PlacedShape], least: float) -> Iterator[tuple[PlacedShape, PlacedShape]]:
    """The pairs with an intersection over union of more than `least`.

    Shapes are sorted by the sum of left and top: those that overlap a shape so much follow it
    closely, upright boxes very closely. Of a heap of shapes in one place, each is compared with
    the next `CROWD`.
    """
    ordered = sorted(shapes, key=_start)
    starts = [_start(shape) for shape in ordered]
    slack = 1.0 if any(shape.outline for shape in ordered) else 1.0 - least
    for index, shape in enumerate(ordered):
        last = bisect_right(starts, starts[index] + slack * (shape.width + shape.height))
        following = ordered[index + 1 : last]
        if not following:
            continue
        near = (each for each in following if _overlap(shape, each, least))
        for other in islice(near, CROWD):
            yield shape, other


def _start(shape: PlacedShape) -> float:
    return shape.left + shape.top


def _overlap(one: PlacedShape, other: PlacedShape, least: float) -> bool:
    """Whether two shapes overlap so much; most do not even by their sizes."""
    smaller, larger = sorted((one.area, other.area))
    return smaller > least * larger and iou(one, other) > least


def iou(one: PlacedShape, other: PlacedShape) -> float:
    """The intersection over union of two shapes, 0 to 1."""
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    is_upright = not (one.outline or other.outline)
    shared = across * down if is_upright else area(intersection(one.points(), other.points()))
    return shared / (one.area + other.area - shared)
