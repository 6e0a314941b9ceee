"""The area that a polygon fills, also where it crosses itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Point

Edge = tuple[Point, Point]


MOST_STEPS = 5_000_000  # some seconds


class _TooComplexError(Exception):
    """It would take more than `MOST_STEPS`."""


def filled_area(points: Sequence[Point]) -> float | None:
    """The area inside by the even-odd rule, as pycocotools fills polygons, in their unit squared.

    None for a polygon that crosses itself so often that this would take minutes.

    That of the outline (Gauss' formula) is another one where a polygon crosses or touches itself:
    0 for a bow tie.
    """
    if len(points) == 3 or _is_star(points):
        return geometry.area(points)
    edges = list(pairwise([*points, points[0]]))
    try:
        heights = list(_contacts(edges))
    except _TooComplexError:
        return None
    return _by_even_odd(edges, heights) if heights else geometry.area(points)


def _is_star(points: Sequence[Point]) -> bool:
    """Whether it goes around the mean of its points once, always in one direction.

    It crosses itself nowhere then; most polygons are like that, and it is quickly seen.
    """
    mean_x = math.fsum([x for x, _ in points]) / len(points)
    mean_y = math.fsum([y for _, y in points]) / len(points)
    arms = [(x - mean_x, y - mean_y) for x, y in points]
    pairs = list(zip(arms, arms[1:] + arms[:1], strict=True))
    turns = [x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs]
    if min(turns) <= 0 <= max(turns):
        return False
    return sum([y1 < 0 <= y2 for (_, y1), (_, y2) in pairs]) == 1


def _contacts(edges: Sequence[Edge]) -> Iterator[float]:
    """The y of every point that two edges share which do not follow each other.

    Only edges that overlap in x are compared, from left to right. `_TooComplexError` for so many
    that comparing, or making strips of them, is too much.
    """
    last, steps = len(edges) - 1, 0
    ordered = sorted(
        (min(x1, x2), max(x1, x2), place) for place, ((x1, _), (x2, _)) in enumerate(edges)
    )
    for index, (_, right, place) in enumerate(ordered):
        for left, _, other in ordered[index + 1 :]:
            if left > right:
                break
            steps += 1
            if 1 < abs(place - other) < last:
                y = _contact(edges[place], edges[other])
                if y is not None:
                    steps += len(edges)
                    yield y
        if steps > MOST_STEPS:
            raise _TooComplexError


def _contact(one: Edge, other: Edge) -> float | None:
    """The y of a point that two edges share; None where they share none."""
    ((x1, y1), (x2, y2)), ((x3, y3), (x4, y4)) = one, other
    if max(y1, y2) < min(y3, y4) or max(y3, y4) < min(y1, y2):
        return None
    start = (x4 - x3) * (y1 - y3) - (y4 - y3) * (x1 - x3)
    end = (x4 - x3) * (y2 - y3) - (y4 - y3) * (x2 - x3)
    if (start > 0 and end > 0) or (start < 0 and end < 0):
        return None
    side3 = (x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)
    side4 = (x2 - x1) * (y4 - y1) - (y2 - y1) * (x4 - x1)
    if (side3 > 0 and side4 > 0) or (side3 < 0 and side4 < 0):
        return None
    return y1 + start / (start - end) * (y2 - y1) if start != end else y1


def _by_even_odd(edges: Sequence[Edge], heights: Sequence[float]) -> float:
    """In strips between the y of all points and contacts: in a strip no edges cross."""
    levels = sorted({y for edge in edges for _, y in edge} | {*heights})
    areas = []
    for top, bottom in pairwise(levels):
        middle = (top + bottom) / 2
        crossed = sorted(
            x1 + (middle - y1) / (y2 - y1) * (x2 - x1)
            for (x1, y1), (x2, y2) in edges
            if y1 < middle < y2 or y2 < middle < y1
        )
        areas += [
            (right - left) * (bottom - top)
            for left, right in zip(crossed[::2], crossed[1::2], strict=False)
        ]
    return round(math.fsum(areas), 6)
