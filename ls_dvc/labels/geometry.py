"""Shapes on an image: boxes, ellipses and polygons, in percent of the image or in pixels.

Label Studio stores x, y, width and height in percent of the image, from its top left corner, and a
rotation in degrees, clockwise, about the shape's own top left corner (an ellipse: its centre).
Percent of the width and of the height are different lengths unless the image is square, so a shape
is rotated in pixels only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]

LARGEST = 1e9  # percent or pixels: no image is larger, and no product overflows
CORNERS = 64  # of the polygon for an ellipse, which has 0.2 % less area


class Size(NamedTuple):
    """Width and height of an image in pixels."""

    width: float
    height: float


class Box(NamedTuple):
    """A rectangle in percent or pixels; `rotation` in degrees, clockwise."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height before the rotation."""
        return self.width, self.height

    def in_pixels(self, size: Size) -> Box:
        """From percent to pixels; with positive sides, whatever the sides were."""
        (x, y, width, height, rotation), (across, down) = self, size
        in_pixels = Box(
            x * across / 100, y * down / 100, width * across / 100, height * down / 100, rotation
        )
        return in_pixels if width > 0 and height > 0 else in_pixels.with_positive_sides()

    def with_positive_sides(self) -> Box:
        """The box with the same corners whose sides are positive; a rotated one must be in pixels.

        ML backends make boxes with negative sides, and the editor draws them
        (https://github.com/HumanSignal/label-studio/issues/3140).
        """
        x, y, width, height, rotation = self
        if rotation == 0:
            return Box(x + min(width, 0), y + min(height, 0), abs(width), abs(height))
        first, right, opposite, down = self.corners()
        x, y = (opposite if height < 0 else right) if width < 0 else (down if height < 0 else first)
        return Box(x, y, abs(width), abs(height), rotation)

    def in_percent(self, size: Size) -> Box:
        """From pixels to percent."""
        by_x, by_y = 100 / size.width, 100 / size.height
        width, height = self.width * by_x, self.height * by_y
        return Box(self.x * by_x, self.y * by_y, width, height, self.rotation)

    def corners(self) -> list[Point]:
        """The four corners of a box in pixels, clockwise, beginning at x and y; rounded."""
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        right, down = (self.width * cos, self.width * sin), (-self.height * sin, self.height * cos)
        x, y = self.x, self.y
        corners = [
            (x, y),
            (x + right[0], y + right[1]),
            (x + right[0] + down[0], y + right[1] + down[1]),
            (x + down[0], y + down[1]),
        ]
        return [_rounded(corner) for corner in corners]

    def upright(self) -> Box:
        """The smallest box without rotation around a box in pixels."""
        return self if self.rotation == 0 else bounding_box(self.corners())


class Ellipse(NamedTuple):
    """Centre and radii in percent or pixels; `rotation` in degrees, clockwise, about the centre."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    rotation: float = 0.0

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height before the rotation."""
        return 2 * self.radius_x, 2 * self.radius_y

    def outline(self, size: Size) -> list[Point]:
        """CORNERS points in pixels on an ellipse in percent; rounded."""
        x, y = pixels((self.x, self.y), size)
        radius_x, radius_y = pixels((self.radius_x, self.radius_y), size)
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        offsets = [(radius_x * right, radius_y * down) for right, down in _UNIT_CIRCLE]
        return [_rounded((x + a * cos - b * sin, y + a * sin + b * cos)) for a, b in offsets]


_ANGLES = [2 * math.pi * number / CORNERS for number in range(CORNERS)]
_UNIT_CIRCLE = [(math.cos(angle), math.sin(angle)) for angle in _ANGLES]


def _rounded(point: Point) -> Point:
    """To a millionth of a pixel: the last bits of a sine differ between systems."""
    return round(point[0], 6) + 0.0, round(point[1], 6) + 0.0  # + 0.0: no minus zero


def pixels(point: Point, size: Size) -> Point:
    """A point (or a width and height) from percent to pixels."""
    return point[0] * size.width / 100, point[1] * size.height / 100


def bounding_box(points: Sequence[Point]) -> Box:
    """The smallest box without rotation around points, in their unit."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def area(points: Sequence[Point]) -> float:
    """The area of a polygon that does not cross itself, in its unit squared.

    `math.fsum`: the sum of floats differs between Python 3.11 and 3.12.
    """
    sides = zip(points, [*points[1:], *points[:1]], strict=True)
    return abs(math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in sides)) / 2


def is_flat(points: Sequence[Point]) -> bool:
    """Whether all points are on one line. (Those of a bow tie are not, though `area` may be 0.)"""
    x0, y0 = points[0]
    offsets = [(x - x0, y - y0) for x, y in points[1:]]
    return all(ax * by == bx * ay for (ax, ay), (bx, by) in pairwise(offsets))


def clipped(points: Sequence[Point], size: Size = Size(100.0, 100.0)) -> list[Point]:  # noqa: B008
    """The part of a polygon that is on an image of `size`; empty when none is.

    In percent, or in the unit of `size`. Clips at one edge after the other (Sutherland and
    Hodgman), so that corners of the image that the polygon covers become points of it.
    """
    clipped_points = list(points)
    for axis in (0, 1):
        for edge, sign in ((0.0, 1), (size[axis], -1)):
            clipped_points = _clipped_at(clipped_points, axis, edge, sign)
    return clipped_points


def _clipped_at(points: Sequence[Point], axis: int, edge: float, sign: int) -> list[Point]:
    """The part on the positive side of an edge; with `sign` -1 on the negative side."""
    inside: list[Point] = []
    for start, end in zip([*points[-1:], *points[:-1]], points, strict=True):
        before, after = (start[axis] - edge) * sign, (end[axis] - edge) * sign
        if (before < 0) != (after < 0):
            share = before / (before - after)
            other = start[1 - axis] + share * (end[1 - axis] - start[1 - axis])
            inside.append((edge, other) if axis == 0 else (other, edge))
        if after >= 0:
            inside.append(end)
    return inside
