"""Where a region is, so that two can be laid over each other: areas, pixels and stretches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from ls_dvc.check.families import BOX, ELLIPSE, MASK, POLYGON
from ls_dvc.check.regions import RegionView
from ls_dvc.check.same_place import PlacedShape, iou, placed
from ls_dvc.check.shapes import shape_view
from ls_dvc.formats.image import masks
from ls_dvc.labeldiff.overlap import intersection
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Point, Size, area, bounding_box

MOST_POINTS = 256  # of a polygon; of one with more, some are passed over
PARAGRAPH = 1_000_000  # places that a paragraph of a dialogue has


class MarkedArea:
    """A box, an ellipse or a polygon."""

    def __init__(self, shape: PlacedShape, parts: Sequence[Sequence[Point]] = ()) -> None:
        self._shape, self._parts = shape, parts
        self.order = (*shape[1:6], *shape.outline)

    def overlap(self, other: MarkedArea) -> float:
        """Intersection over union, 0 to 1."""
        one, two = self._shape, other._shape
        if not (self._parts or other._parts):
            return iou(one, two)
        if (
            min(one.left + one.width, two.left + two.width) <= max(one.left, two.left)
            or min(one.top + one.height, two.top + two.height) <= max(one.top, two.top)
            or not one.area + two.area
        ):
            return 0.0
        shared = math.fsum(self._shared_with(other))
        return min(shared / (one.area + two.area - shared), 1.0)

    def _shared_with(self, other: MarkedArea) -> Iterator[float]:
        for one, (top, bottom) in self._convex:
            for two, (start, end) in other._convex:
                if start < bottom and top < end:
                    yield area(intersection(one, two))

    @cached_property
    def _convex(self) -> Sequence[tuple[Sequence[Point], tuple[float, float]]]:
        """Its convex parts, each with its top and bottom."""
        parts = self._parts or [self._shape.points()]
        ends = ([y for _, y in part] for part in parts)
        return [(part, (min(ys), max(ys))) for part, ys in zip(parts, ends, strict=True)]


class MarkedPixels(NamedTuple):
    """A mask. `pixels` has a byte for each pixel, 1 where it is marked; `marked` are so many."""

    size: Size
    pixels: int
    marked: int

    @property
    def order(self) -> tuple[Any, ...]:
        """By which equal masks are next to each other."""
        return tuple(self)

    def overlap(self, other: MarkedPixels) -> float:
        """Intersection over union, 0 to 1; 0 where the images have different sizes."""
        if self.size != other.size:
            return 0.0
        shared = (self.pixels & other.pixels).bit_count()
        return shared / (self.marked + other.marked - shared)


class MarkedStretch(NamedTuple):
    """A span of a text or a segment of a recording; the unit is that of the region."""

    start: float
    end: float

    @property
    def order(self) -> tuple[Any, ...]:
        """From left to right."""
        return tuple(self)

    def overlap(self, other: MarkedStretch) -> float:
        """Intersection over union, 0 to 1."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return (
            shared / (max(self.end, other.end) - min(self.start, other.start))
            if shared > 0
            else 0.0
        )


Extent = MarkedArea | MarkedPixels | MarkedStretch


def extent_of(region: RegionView) -> Extent | None:
    """Where a region is; None for what marks nothing, or where it cannot be known."""
    if region.family in (BOX, ELLIPSE):
        return next(map(MarkedArea, placed([shape_view(region)])), None)
    if region.family == POLYGON:
        return _polygon(region)
    return _mask(region) if region.family == MASK else _stretch(region.value)


def _polygon(region: RegionView) -> MarkedArea | None:
    points = region_values.polygon(region.value)
    if points is None:
        return None
    points = points[:: -(-len(points) // MOST_POINTS)]
    parts = [*trapezoids(points)]
    size, around = math.fsum(map(area, parts)), bounding_box(points)
    shape = PlacedShape(region, around.x, around.y, around.width, around.height, size, points)
    return MarkedArea(shape, parts) if size else None


def trapezoids(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    """The inside of a polygon in strips between the heights of its points, by the even-odd rule.

    Each is clockwise on a picture. Exact for a polygon that does not cross itself.
    """
    sides = [sorted(side, key=_height) for side in pairwise([*points, points[0]])]
    edges = [(x1, y1, x2, y2) for (x1, y1), (x2, y2) in sides if y1 < y2]
    for top, bottom in pairwise(sorted({y for _, y in points})):
        crossed = sorted(
            (_at(edge, (top + bottom) / 2), _at(edge, top), _at(edge, bottom))
            for edge in edges
            if edge[1] <= top and edge[3] >= bottom
        )
        for (_, left, below_left), (_, right, below_right) in zip(
            crossed[::2], crossed[1::2], strict=False
        ):
            yield (left, top), (right, top), (below_right, bottom), (below_left, bottom)


def _height(point: Point) -> float:
    return point[1]


def _at(edge: tuple[float, float, float, float], y: float) -> float:
    x1, y1, x2, y2 = edge
    return x2 if y == y2 else x1 + (x2 - x1) * ((y - y1) / (y2 - y1))


_ONE = bytes((0, *[1] * 255))  # any opacity counts


def _mask(region: RegionView) -> MarkedPixels | None:
    size = region_values.image_size(region.region)
    alpha = masks.alpha(region.value, size) if size else None
    if size is None or not isinstance(alpha, bytes):
        return None
    pixels = int.from_bytes(alpha.translate(_ONE), "big")
    return MarkedPixels(size, pixels, pixels.bit_count()) if pixels else None


def _stretch(value: Mapping[str, Any]) -> MarkedStretch | None:
    """Of markup by the offsets in all of its text; both annotators' are counted in the same way."""
    whole = value.get("globalOffsets")
    ends = whole if isinstance(whole, dict) else value
    start, end = (_place(ends.get(name), value.get(f"{name}Offset")) for name in ("start", "end"))
    if start is None or end is None or start >= end:
        return None
    return MarkedStretch(start, end)


def _place(given: Any, offset: Any) -> float | None:
    """A place in a text or a recording; of a dialogue, the paragraph's number and the offset."""
    if isinstance(given, str) and given.isdecimal() and len(given) < 7:
        inside = region_values.number(offset)
        return None if inside is None else int(given) * PARAGRAPH + inside
    return region_values.number(given)
