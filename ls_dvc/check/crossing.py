"""Where the outline of a polygon crosses itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple

from ls_dvc.labels.geometry import Point

_ERROR = 4e-16  # of the products in `_side`: a smaller difference of the two may have any sign


class _Edge(NamedTuple):
    """A side of a polygon, and the upright box around it."""

    low: float
    high: float
    left: float
    right: float
    start: Point
    end: Point


def crossing(points: Sequence[Point]) -> Point | None:
    """A point where two sides of a polygon properly cross; None where none do.

    Sides that only touch, or lie on each other, do not cross. Whether sides cross is exact; the
    point is rounded as floats are. Sides are sorted along the axis on which they are shorter, and
    each is compared with those that begin before it ends.
    """
    edges = sorted(_edges(points), key=attrgetter("low"))
    lows = [edge.low for edge in edges]
    for index, edge in enumerate(edges):
        _, high, left, right, start, end = edge
        for other in edges[index + 1 : bisect_right(lows, high)]:
            if other.left < right and other.right > left and _cross(edge, other):
                return _meeting(start, end, other.start, other.end)
    return None


def _edges(points: Sequence[Point]) -> Iterator[_Edge]:
    sides = [*zip(points, [*points[1:], *points[:1]], strict=True)]
    lengths = [max(abs(end[axis] - start[axis]) for start, end in sides) for axis in (0, 1)]
    sorted_by = 0 if lengths[0] < lengths[1] else 1
    for start, end in sides:
        low, high = start[sorted_by], end[sorted_by]
        left, right = start[1 - sorted_by], end[1 - sorted_by]
        if low > high:
            low, high = high, low
        if left > right:
            left, right = right, left
        yield _Edge(low, high, left, right, start, end)


def _cross(one: _Edge, other: _Edge) -> bool:
    """Whether the ends of each lie on both sides of the other."""
    a, b, c, d = one.start, one.end, other.start, other.end
    if a in (c, d) or b in (c, d):
        return False
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(start: Point, end: Point, point: Point) -> int:
    """1 and -1 for the sides of a line, 0 for a point on it; exact."""
    first = (start[0] - point[0]) * (end[1] - point[1])
    second = (start[1] - point[1]) * (end[0] - point[0])
    if abs(first - second) > _ERROR * (abs(first) + abs(second)):
        return 1 if first > second else -1
    (x1, y1), (x2, y2), (x, y) = ((Fraction(x), Fraction(y)) for x, y in (start, end, point))
    exact = (x1 - x) * (y2 - y) - (y1 - y) * (x2 - x)
    return (exact > 0) - (exact < 0)


def _meeting(a: Point, b: Point, c: Point, d: Point) -> Point:
    """Where two lines that are not parallel meet."""
    (x1, y1), (x2, y2) = a, b
    across, down = d[0] - c[0], d[1] - c[1]
    share = ((c[0] - x1) * down - (c[1] - y1) * across) / ((x2 - x1) * down - (y2 - y1) * across)
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)
