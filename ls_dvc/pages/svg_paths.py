"""The SVG path of a region on an image, in pixels, from the region's own geometry.

Nothing is clipped: the picture's edge does that. A mask's path runs along the edges of its pixels,
holes too, to be filled by the rule `evenodd`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ls_dvc.formats.image import mask_outlines, masks
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Box, Point, Size, bounding_box, pixels

KEYS = frozenset(["x", "points", "vertices", "rle"])  # one is in the value of what is drawn
RUNS = 10_000  # of pixels in a row: a mask with more is drawn with pixels twice as large
DOT = 1 / 160  # the radius of a key point, in diagonals of its image


_COVERED = bytes((0, *[1] * 255))


def path_of(value: Mapping[str, Any], size: Size) -> str:
    """The path of a region with this value on an image of this size; empty if it has none."""
    if masks.is_mask(value):
        return _mask(value, size)
    if "radiusX" in value:
        ellipse = region_values.ellipse(value)
        return _closed(ellipse.outline(size)) if ellipse else ""
    if "points" in value:
        points = region_values.polygon(value)
        return _closed(pixels(point, size) for point in points) if points else ""
    if "vertices" in value:
        return _open(_vertices(value, size), closed=value.get("closed") is True)
    if {"width", "height"} <= value.keys():
        box = region_values.box(value)
        return _closed(box.in_pixels(size).corners()) if box else ""
    point = region_values.keypoint(value)
    return dot(pixels(point, size), size) if point else ""


def extent_of(value: Mapping[str, Any], size: Size) -> Box | None:
    """The upright box in pixels around what `path_of` draws; None where that is nothing."""
    if masks.is_mask(value):
        alpha = masks.alpha(value, size)
        ends = None if isinstance(alpha, Reason) else masks.bounds(alpha, int(size.width))
        return Box(ends[0], ends[1], ends[2] - ends[0], ends[3] - ends[1]) if ends else None
    if "radiusX" in value:
        ellipse = region_values.ellipse(value)
        return bounding_box(ellipse.outline(size)) if ellipse else None
    if {"width", "height"} <= value.keys() and (box := region_values.box(value)):
        return box.in_pixels(size).upright()
    points = [pixels(point, size) for point in region_values.polygon(value) or ()]
    points = points or _vertices(value, size)
    point = region_values.keypoint(value)
    points = points or ([pixels(point, size)] if point else [])
    return bounding_box(points) if points else None


def dot(centre: Point, size: Size) -> str:
    """A small circle."""
    radius = _number(DOT * (size.width**2 + size.height**2) ** 0.5)
    x, y = map(_number, centre)
    return (
        f"M{x} {y}m-{radius} 0a{radius} {radius} 0 1 0 {_number(2 * float(radius))} 0"
        f"a{radius} {radius} 0 1 0 -{_number(2 * float(radius))} 0z"
    )


def line(points: Iterable[Point]) -> str:
    """Straight lines from point to point; there is at least one."""
    (x, y), *others = [(_number(x), _number(y)) for x, y in points]
    steps = [f"M{x} {y}"]
    for across, down in others:
        if down == y:
            steps.append(f"H{across}")
        else:
            steps.append(f"V{down}" if across == x else f"L{across} {down}")
        x, y = across, down
    return "".join(steps)


def _closed(points: Iterable[Point]) -> str:
    return f"{line(points)}z"


def _open(points: Sequence[Point], *, closed: bool) -> str:
    return line(points) + ("z" if closed else "") if len(points) > 1 else ""


def _vertices(value: Mapping[str, Any], size: Size) -> list[Point]:
    listed = value.get("vertices")
    points = [
        region_values.keypoint(each)
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, Mapping)
    ]
    return [pixels(point, size) for point in points if point is not None]


def _mask(value: Mapping[str, Any], size: Size) -> str:
    alpha = masks.alpha(value, size)
    if isinstance(alpha, Reason):
        return ""
    width, pixel = int(size.width), 1
    while alpha.translate(_COVERED).count(b"\0\1") > RUNS:
        alpha = b"".join(alpha[at : at + width : 2] for at in range(0, len(alpha), 2 * width))
        width, pixel = (width + 1) // 2, 2 * pixel
    contours = mask_outlines.trace(alpha, width)
    return "".join(_steps(corners, pixel) for corners in [*contours.parts, *contours.holes])


def _steps(corners: Sequence[tuple[int, int]], pixel: int = 1) -> str:
    """A closed line of horizontal and vertical steps, which are shorter relative to each other."""
    scaled = [(column * pixel, row * pixel) for column, row in corners]
    (x, y), steps = scaled[0], [f"M{scaled[0][0]} {scaled[0][1]}"]
    for column, row in scaled[1:]:
        steps += [f"h{column - x}"] if column != x else []
        steps += [f"v{row - y}"] if row != y else []
        x, y = column, row
    return "".join([*steps, "z"])


def _number(value: float) -> str:
    """With two decimals at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
