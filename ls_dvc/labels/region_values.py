"""The geometry in a region's value, read and checked; None for what cannot be on an image.

Regions come from annotators, models and imports: any key may be missing or hold anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ls_dvc.labels.geometry import LARGEST, Box, Ellipse, Point, Size, is_flat


def box(value: Mapping[str, Any]) -> Box | None:
    """The box in percent; None without area.

    A box with negative sides is the box of its corners. A rotated one keeps its negative sides
    until `in_pixels`, since percent cannot be rotated.
    """
    numbers = _numbers(value, "x", "y", "width", "height")
    if numbers is None:
        return None
    read = Box(*numbers)
    if (read.width > 0 and read.height > 0) or read.rotation:
        return read
    return read.with_positive_sides()


def ellipse(value: Mapping[str, Any]) -> Ellipse | None:
    """The ellipse in percent; None without area."""
    numbers = _numbers(value, "x", "y", "radiusX", "radiusY")
    read = Ellipse(*numbers) if numbers else None
    return read if read and read.radius_x > 0 and read.radius_y > 0 else None


def keypoint(value: Mapping[str, Any]) -> Point | None:
    """The key point in percent; its `width` is only how large the editor draws it."""
    x, y = number(value.get("x")), number(value.get("y"))
    return None if x is None or y is None else (x, y)


def polygon(value: Mapping[str, Any]) -> list[Point] | None:
    """The points of a polygon in percent; None with fewer than three, or without area."""
    listed = value.get("points")
    if not isinstance(listed, list) or len(listed) < 3:
        return None
    points = [point for point in map(_point, listed) if point is not None]
    return points if len(points) == len(listed) and not is_flat(points) else None


def image_size(region: Mapping[str, Any]) -> Size | None:
    """The size in pixels of the image of a region; None when the region does not have it."""
    return image_size_of(region.get("original_width"), region.get("original_height"))


def image_size_of(width: Any, height: Any) -> Size | None:
    """The size in pixels from `original_width` and `original_height`; None when impossible."""
    if type(width) is type(height) is int and 0 < width <= LARGEST and 0 < height <= LARGEST:
        return Size(width, height)
    across, down = number(width), number(height)
    if across is None or down is None or across <= 0 or down <= 0:
        return None
    return Size(_without_fraction(across), _without_fraction(down))


def number(value: Any) -> float | None:
    """`value` as a float when it is a coordinate; None for others, bool, NaN and infinities."""
    if type(value) is float:
        return value if -LARGEST <= value <= LARGEST else None
    if type(value) is int:
        return float(value) if -LARGEST <= value <= LARGEST else None
    return None


def _numbers(
    value: Mapping[str, Any], left: str, top: str, across: str, down: str
) -> tuple[float, float, float, float, float] | None:
    """The coordinates at four keys, the last two not zero, and the rotation."""
    get = value.get
    x, y, width, height = get(left), get(top), get(across), get(down)
    if not type(x) is type(y) is type(width) is type(height) is float:
        x, y, width, height = number(x), number(y), number(width), number(height)
        if x is None or y is None or width is None or height is None:
            return None
    if not (width and height and _are_coordinates(x, y) and _are_coordinates(width, height)):
        return None
    clockwise = get("rotation")
    rotation = number(clockwise) if clockwise else 0.0
    return None if rotation is None else (x, y, width, height, math.fmod(rotation, 360))


def _are_coordinates(one: float, other: float) -> bool:
    return -LARGEST <= one <= LARGEST and -LARGEST <= other <= LARGEST


def _without_fraction(pixels: float) -> float:
    return int(pixels) if pixels.is_integer() else pixels


def _point(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = number(value[0]), number(value[1])
    return None if x is None or y is None else (x, y)
