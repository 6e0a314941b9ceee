"""Shapes on an image: from Label Studio's percent to pixels, and what follows from them.

Label Studio gives x, y, width and height in percent of the image, from its top left corner, and a
rotation in degrees, clockwise, about the shape's own top left corner. Percent of the width and
percent of the height are different lengths unless the image is square, so nothing may be rotated
before it is in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Point = tuple[float, float]

LARGEST = 1e9  # of percents and of pixels: no picture is larger, and no product overflows
CORNERS = 64  # of the polygon that stands for an ellipse: 0.2 % less area than it


class Size(NamedTuple):
    """Width and height of an image in pixels."""

    width: float
    height: float


class Box(NamedTuple):
    """A rectangle: x, y, width, height in the unit of its maker; `rotation` clockwise degrees."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0

    def in_pixels(self, size: Size) -> Box:
        """From percent to pixels; sides that point left or up are turned round."""
        (x, y, width, height, rotation), (across, down) = self, size
        in_pixels = Box(
            x * across / 100, y * down / 100, width * across / 100, height * down / 100, rotation
        )
        return in_pixels if width > 0 and height > 0 else in_pixels.with_positive_sides()

    def with_positive_sides(self) -> Box:
        """The same corners, seen from the one from which both sides are positive.

        ML backends make boxes with negative sides, and the editor draws them
        (https://github.com/HumanSignal/label-studio/issues/3140). If rotated, it is in pixels.
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
        """The four corners, clockwise from the one that x and y give; the box is in pixels.

        Rounded to a millionth of a pixel: sines differ in their last bit between systems, and the
        same labels must be the same bytes on all of them.
        """
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        right, down = (self.width * cos, self.width * sin), (-self.height * sin, self.height * cos)
        x, y = self.x, self.y
        exact = [
            (x, y),
            (x + right[0], y + right[1]),
            (x + right[0] + down[0], y + right[1] + down[1]),
            (x + down[0], y + down[1]),
        ]
        return [(round(a, 6) + 0.0, round(b, 6) + 0.0) for a, b in exact]  # + 0.0: no minus zero

    def upright(self) -> Box:
        """The smallest box without rotation around this one, which is in pixels."""
        return self if self.rotation == 0 else enclosing(self.corners())


class Ellipse(NamedTuple):
    """Centre and radii in the unit of its maker; `rotation` clockwise degrees about the centre."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    rotation: float = 0.0

    def outline(self, size: Size) -> list[Point]:
        """CORNERS points on the ellipse, which is in percent, in pixels; rounded like corners."""
        x, y = pixels((self.x, self.y), size)
        a, b = pixels((self.radius_x, self.radius_y), size)
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        arms = [(a * right, b * down) for right, down in _CIRCLE]
        exact = [(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in arms]
        return [(round(a, 6) + 0.0, round(b, 6) + 0.0) for a, b in exact]


_ANGLES = [2 * math.pi * each / CORNERS for each in range(CORNERS)]
_CIRCLE = [(math.cos(each), math.sin(each)) for each in _ANGLES]


def box(value: Mapping[str, Any]) -> Box | None:
    """The box in a region's value, in percent; None when it is none, or has no area.

    Negative sides are those of the same box from another corner, which is found in pixels only
    where the box is rotated: `in_pixels` does it then.
    """
    numbers = _numbers(value, "x", "y", "width", "height")
    if numbers is None:
        return None
    found = Box(*numbers)
    if (found.width > 0 and found.height > 0) or found.rotation:
        return found
    return found.with_positive_sides()


def ellipse(value: Mapping[str, Any]) -> Ellipse | None:
    """The ellipse in a region's value, in percent; None when it is none, or has no area."""
    found = _numbers(value, "x", "y", "radiusX", "radiusY")
    return Ellipse(*found) if found and found[2] > 0 and found[3] > 0 else None


def spot(value: Mapping[str, Any]) -> Point | None:
    """The place of a key point in percent; None when it has none. (Its width is but a look.)"""
    x, y = number(value.get("x")), number(value.get("y"))
    return None if x is None or y is None else (x, y)


def polygon(value: Mapping[str, Any]) -> list[Point] | None:
    """The points of a polygon in percent; None when there are fewer than three, or no numbers."""
    points = value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        return None
    found = [_point(each) for each in points]
    whole = [each for each in found if each is not None]
    return whole if len(whole) == len(found) and not is_flat(whole) else None


def size(region: Mapping[str, Any]) -> Size | None:
    """The size of the image that a region was drawn on; None when the region does not say."""
    return size_of(region.get("original_width"), region.get("original_height"))


def size_of(across: Any, down: Any) -> Size | None:
    """The size of an image that is said to be so wide and high; None when it cannot be."""
    if type(across) is int and type(down) is int and 0 < across <= LARGEST and 0 < down <= LARGEST:
        return Size(across, down)
    width, height = number(across), number(down)
    if width is None or height is None or width <= 0 or height <= 0:
        return None
    return Size(_whole(width), _whole(height))


def pixels(point: Point, size: Size) -> Point:
    """A point (or a width and height) from percent to pixels."""
    return point[0] * size.width / 100, point[1] * size.height / 100


def enclosing(points: Sequence[Point]) -> Box:
    """The smallest box without rotation around `points`, in their unit."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def area(points: Sequence[Point]) -> float:
    """The area inside a polygon, in its unit squared."""
    pairs = zip(points, [*points[1:], *points[:1]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def is_flat(points: Sequence[Point]) -> bool:
    """Whether all points lie on one line. (A bow tie does not, though its `area` may be 0.)"""
    x0, y0 = points[0]
    arms = [(x - x0, y - y0) for x, y in points[1:]]
    return all(ax * by == bx * ay for (ax, ay), (bx, by) in pairwise(arms))


def clipped(points: Sequence[Point], size: Size = Size(100.0, 100.0)) -> list[Point]:  # noqa: B008
    """The part of a polygon that lies on an image of `size`; empty when none does.

    Percent of the image, or the unit of `size`. Cut at one edge after the other (Sutherland and
    Hodgman), so corners of the image that the polygon covers become points of it. Moving the
    points to the edge would lose those.
    """
    kept = list(points)
    for axis in (0, 1):
        for edge, sign in ((0.0, 1), (size[axis], -1)):
            kept = _cut(kept, axis, edge, sign)
    return kept


def number(value: Any) -> float | None:
    """`value` as a float when it is a number that can lie on a picture, else None.

    A bool is no number here; NaN and the infinities fail the comparison.
    """
    if type(value) is float:
        return value if -LARGEST <= value <= LARGEST else None
    if type(value) is int:
        return float(value) if -LARGEST <= value <= LARGEST else None
    return None


def _numbers(
    value: Mapping[str, Any], left: str, top: str, across: str, down: str
) -> tuple[float, float, float, float, float] | None:
    """The numbers at four keys, the last two of them sides, and the rotation; None if not."""
    get = value.get
    x, y, width, height = get(left), get(top), get(across), get(down)
    if not type(x) is type(y) is type(width) is type(height) is float:
        x, y, width, height = number(x), number(y), number(width), number(height)
        if x is None or y is None or width is None or height is None:
            return None
    if not (width and height and _lies(width) and _lies(height) and _lies(x) and _lies(y)):
        return None
    turned = get("rotation")
    rotation = number(turned) if turned else 0.0
    return None if rotation is None else (x, y, width, height, math.fmod(rotation, 360))


def _lies(value: float) -> bool:
    return -LARGEST <= value <= LARGEST


def _cut(points: Sequence[Point], axis: int, edge: float, sign: int) -> list[Point]:
    kept: list[Point] = []
    for start, end in zip([*points[-1:], *points[:-1]], points, strict=True):
        before, after = (start[axis] - edge) * sign, (end[axis] - edge) * sign
        if (before < 0) != (after < 0):
            share = before / (before - after)
            other = start[1 - axis] + share * (end[1 - axis] - start[1 - axis])
            kept.append((edge, other) if axis == 0 else (other, edge))
        if after >= 0:
            kept.append(end)
    return kept


def _whole(pixels: float) -> float:
    return int(pixels) if pixels.is_integer() else pixels


def _point(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = number(value[0]), number(value[1])
    return None if x is None or y is None else (x, y)
