"""Intersection over union of two boxes."""

from __future__ import annotations

from collections.abc import Sequence

from ls_dvc.labels.geometry import Box, Point, area


def iou(one: Box, other: Box) -> float | None:
    """Intersection over union of two boxes in pixels, 0 to 1, rounded to four digits.

    Boxes may be rotated. None when one of them is too small to enclose anything.
    """
    corners = [_relative(box, one) for box in (one, other)]
    shared = area(intersection(corners[0], corners[1]))
    total = area(corners[0]) + area(corners[1]) - shared
    if not all(map(area, corners)) or total <= 0:
        return None
    return round(min(shared / total, 1.0), 4)


def intersection(points: Sequence[Point], window: Sequence[Point]) -> list[Point]:
    """The part of a convex polygon that lies in another one; empty when none does.

    `window` is clockwise on a picture, whose y axis points down. Cut at one edge after the
    other (Sutherland and Hodgman).
    """
    inside = list(points)
    for start, end in zip(window, [*window[1:], *window[:1]], strict=True):
        inside = _cut(inside, start, end)
    return inside


def _relative(box: Box, to: Box) -> list[Point]:
    """The corners relative to `to`: far from zero, areas lose precision."""
    return Box(box.x - to.x, box.y - to.y, box.width, box.height, box.rotation).corners()


def _cut(points: Sequence[Point], start: Point, end: Point) -> list[Point]:
    inside: list[Point] = []
    for one, two in zip([*points[-1:], *points[:-1]], points, strict=True):
        before, after = _side(start, end, one), _side(start, end, two)
        if (before < 0) != (after < 0):
            share = before / (before - after)
            x, y = one[0] + share * (two[0] - one[0]), one[1] + share * (two[1] - one[1])
            inside.append((x, y))
        if after >= 0:
            inside.append(two)
    return inside


def _side(start: Point, end: Point, point: Point) -> float:
    """Above zero to the right of the line, below zero to its left, seen from `start`."""
    across = (end[0] - start[0]) * (point[1] - start[1])
    return across - (end[1] - start[1]) * (point[0] - start[0])
