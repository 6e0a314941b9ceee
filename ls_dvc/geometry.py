"""Shapes on an image: from Label Studio's percent to pixels, and what follows from them.

Label Studio gives x, y, width and height in percent of the image, from its top left corner, and a
rotation in degrees, clockwise, about the shape's own top left corner. Percent of the width and
percent of the height are different lengths unless the image is square, so nothing may be rotated
before it is in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]


@dataclass(frozen=True)
class Size:
    """Width and height of an image in pixels."""

    width: float
    height: float


@dataclass(frozen=True)
class Box:
    """A rectangle: x, y, width, height in the unit of its maker; `rotation` clockwise degrees."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0

    def scaled(self, by_x: float, by_y: float) -> Box:
        """In another unit, the rotation kept: right for pixels, or where there is no rotation."""
        return Box(
            self.x * by_x, self.y * by_y, self.width * by_x, self.height * by_y, self.rotation
        )

    def corners(self) -> list[Point]:
        """The four corners, clockwise from the one that x and y give; the box is in pixels."""
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        right, down = (self.width * cos, self.width * sin), (-self.height * sin, self.height * cos)
        x, y = self.x, self.y
        return [
            (x, y),
            (x + right[0], y + right[1]),
            (x + right[0] + down[0], y + right[1] + down[1]),
            (x + down[0], y + down[1]),
        ]

    def upright(self) -> Box:
        """The smallest box without rotation around this one, which is in pixels."""
        return self if self.rotation == 0 else enclosing(self.corners())


def box(value: Mapping[str, Any]) -> Box | None:
    """The box in a region's value, in percent; None when it is none, or has no area."""
    numbers = [number(value.get(key)) for key in ("x", "y", "width", "height")]
    rotation = number(value.get("rotation") or 0)
    if rotation is None or any(each is None for each in numbers):
        return None
    x, y, width, height = (float(each) for each in numbers if each is not None)
    return Box(x, y, width, height, math.fmod(rotation, 360)) if width > 0 < height else None


def polygon(value: Mapping[str, Any]) -> list[Point] | None:
    """The points of a polygon in percent; None when there are fewer than three, or no numbers."""
    points = value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        return None
    found = [_point(each) for each in points]
    whole = [each for each in found if each is not None]
    return whole if len(whole) == len(found) and area(whole) > 0 else None


def size(region: Mapping[str, Any]) -> Size | None:
    """The size of the image that a region was drawn on; None when the region does not say."""
    width, height = number(region.get("original_width")), number(region.get("original_height"))
    if width is None or height is None or width <= 0 or height <= 0:
        return None
    return Size(width, height)


def enclosing(points: Sequence[Point]) -> Box:
    """The smallest box without rotation around `points`, in their unit."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def area(points: Sequence[Point]) -> float:
    """The area inside a polygon, in its unit squared."""
    pairs = zip(points, [*points[1:], *points[:1]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def number(value: Any) -> float | int | None:
    """`value` when it is a finite number (a bool is none), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an int that no float can hold
        return None


def _point(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = number(value[0]), number(value[1])
    return None if x is None or y is None else (x, y)
