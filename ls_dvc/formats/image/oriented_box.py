"""The smallest box with any rotation around points."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ls_dvc.labels.geometry import Point

_SAME = 1 - 1e-9  # of an area: smaller only by an error of rounding


def around(points: Sequence[Point]) -> list[Point]:
    """Its corners, clockwise from the topmost, of those the leftmost, rounded to six decimals.

    One side lies on a side of the convex hull (Freeman and Shapira), so those are tried one by
    one, and of equally small boxes the first is taken. Only sums, products and quotients: the same
    on every system. The points do not lie on one line.
    """
    hull = convex_hull(points)
    smallest, corners = float("inf"), list[Point]()
    for start, end in pairwise([*hull, hull[0]]):
        area, candidate = _along(start, end, hull)
        if area < smallest * _SAME:
            smallest, corners = area, candidate
    rounded = [(round(x, 6) + 0.0, round(y, 6) + 0.0) for x, y in corners]
    first = min(range(4), key=lambda index: rounded[index][::-1])
    return rounded[first:] + rounded[:first]


def convex_hull(points: Sequence[Point]) -> list[Point]:
    """The corners of the convex hull, clockwise on the screen from the leftmost one (Andrew)."""
    ordered = sorted(set(points))
    upper, lower = _chain(ordered), _chain(ordered[::-1])
    return upper[:-1] + lower[:-1]


def _chain(points: Sequence[Point]) -> list[Point]:
    """The points from the first to the last between which the way only turns clockwise."""
    chain: list[Point] = []
    for x, y in points:
        while len(chain) > 1:
            (x1, y1), (x2, y2) = chain[-2:]
            if (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain


def _along(start: Point, end: Point, hull: Sequence[Point]) -> tuple[float, list[Point]]:
    """The area and the corners of the smallest box around a hull with a side along two points."""
    (x0, y0), dx, dy = start, end[0] - start[0], end[1] - start[1]
    squared = dx * dx + dy * dy
    along = [((x - x0) * dx + (y - y0) * dy) / squared for x, y in hull]
    across = [((y - y0) * dx - (x - x0) * dy) / squared for x, y in hull]
    left, right, top, bottom = min(along), max(along), min(across), max(across)
    corners = [
        (x0 + u * dx - v * dy, y0 + u * dy + v * dx)
        for u, v in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    return (right - left) * (bottom - top) * squared, corners
