"""LD203 and LD211: polygons that cross themselves, masks without pixels."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import BOXES, box, checked, image, task
from support.counted_calls import counted_calls
from support.projects import rle, rle_of_all

from ls_dvc.check import crossing as crossing_module
from ls_dvc.check.crossing import crossing

Point = tuple[float, float]

SQUARE = [(10.0, 10.0), (60.0, 10.0), (60.0, 60.0), (10.0, 60.0)]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]


def faults_of(*regions: dict[str, Any], select: str = "LD2") -> list[str]:
    result = checked([task(1, image(1), regions)], select, config=BOXES)
    return [f"{fault.rule} {' '.join(fault.finding.regions)}" for fault in result.faults]


def polygon(region: str, points: Any) -> dict[str, Any]:
    value = {"points": points, "polygonlabels": ["Car"], "closed": True}
    return {**box(region, 1, 1, 5, 5), "type": "polygonlabels", "value": value}


def mask(region: str, **value: Any) -> dict[str, Any]:
    value = {"format": "rle", "brushlabels": ["Car"], **value}
    return {**box(region, 1, 1, 5, 5), "type": "brushlabels", "value": value}


def test_a_polygon_that_crosses_itself_is_found_with_the_place() -> None:
    bow_tie = polygon("a", [[*point] for point in BOW_TIE])
    (fault,) = checked([task(1, image(1), [bow_tie])], "LD203", config=BOXES).faults
    assert fault.message() == "crosses itself"
    assert fault.finding.at == {"x": 35.0, "y": 35.0}


@pytest.mark.parametrize(
    "points",
    [
        SQUARE,
        SQUARE[:3],
        [*SQUARE, SQUARE[0]],  # closed by hand
        [SQUARE[0], *SQUARE],  # a double click
        [*SQUARE, (10.0, 35.0), (60.0, 35.0), (10.0, 35.0)],  # there and back: it touches a side
        [(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)],  # a point on a side
        [],
        [[1, 2], None],
        "points",
    ],
)
def test_a_polygon_that_does_not_cross_itself_is_not_found(points: Any) -> None:
    listed = [[*point] if point else point for point in points] if points != "points" else points
    assert faults_of(polygon("a", listed)) == []


def exact_side(a: Point, b: Point, c: Point) -> int:
    (x1, y1), (x2, y2), (x, y) = ((Fraction(x), Fraction(y)) for x, y in (a, b, c))
    found = (x1 - x) * (y2 - y) - (y1 - y) * (x2 - x)
    return (found > 0) - (found < 0)


def crosses(points: list[Point]) -> bool:
    """Each side with each, in exact arithmetic."""
    sides = [*zip(points, [*points[1:], *points[:1]], strict=True)]
    return any(
        exact_side(a, b, c) * exact_side(a, b, d) < 0 > exact_side(c, d, a) * exact_side(c, d, b)
        for (a, b), (c, d) in combinations(sides, 2)
    )


coordinates = st.one_of(st.integers(0, 6).map(float), st.floats(0, 100))
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=14)


@given(polygons)
def test_the_verdict_is_that_of_exact_arithmetic(points: list[Point]) -> None:
    assert (crossing(points) is not None) == crosses(points)


@given(polygons, st.integers(0, 14), st.booleans())
def test_where_a_polygon_begins_and_how_it_turns_does_not_matter(
    points: list[Point], first: int, turned: bool
) -> None:
    other = [*points[first:], *points[:first]][:: -1 if turned else 1]
    assert (crossing(points) is None) == (crossing(other) is None)


@pytest.mark.parametrize("base", [0.1, 1 / 3, 1e-7, 33.3])
def test_points_nearly_on_a_line_are_judged_exactly(base: float) -> None:
    """Rounded products have any sign here."""
    points = [(base * step, base * step * 3) for step in (1, 9, 4, 7, 2, 8, 3)]
    points.append((0.0, 99.0))
    assert (crossing(points) is not None) == crosses(points)


def star(corners: int) -> list[Point]:
    angles = [2 * math.pi * number / corners for number in range(corners)]
    far = [30.0 + 15 * (number % 2) for number in range(corners)]
    return [
        (50 + by * math.cos(at), 50 + by * math.sin(at)) for at, by in zip(angles, far, strict=True)
    ]


def comb(teeth: int) -> list[Point]:
    """Long teeth, one above the other."""
    tips = [(90.0, 1 + 98 * tooth / teeth) for tooth in range(teeth)]
    gaps = [(5.0, 1 + 98 * (tooth + 0.5) / teeth) for tooth in range(teeth)]
    return [*(p for pair in zip(tips, gaps, strict=True) for p in pair), (1.0, 99.0), (1.0, 1.0)]


@pytest.mark.parametrize("points", [star(2000), comb(1000)])
def test_of_two_thousand_points_few_sides_are_compared_exactly(
    monkeypatch: pytest.MonkeyPatch, points: list[Point]
) -> None:
    compared = counted_calls(monkeypatch, crossing_module, "_cross")
    assert crossing(points) is None
    assert compared() < len(points) ** 2 / 2 / 10


def test_a_mask_without_pixels_is_found() -> None:
    assert faults_of(mask("a", rle=rle(64, 48, alpha=0))) == ["LD211 a"]
    assert faults_of(mask("a")) == ["LD211 a"], "as exports have brushes that were erased"
    assert faults_of(mask("a", rle=[])) == ["LD211 a"]


def test_a_mask_with_a_pixel_is_not_found() -> None:
    assert faults_of(mask("a", rle=rle(64, 48))) == []
    one_pixel = ["0" * 8] * 5 + ["00000001"]
    assert faults_of(mask("a", rle=rle_of_all(one_pixel))) == []
    assert faults_of(mask("a", imageDataURL="data:image/png;base64,AA==")) == []


@pytest.mark.parametrize("broken", ["rle", 7, True, [1, 2], [300], ["a"], rle(64, 48)[:-3]])
def test_a_broken_mask_is_not_called_empty(broken: Any) -> None:
    assert faults_of(mask("a", rle=broken)) == []


def test_brush_and_its_label_are_one_region() -> None:
    drawn = {**mask("a", rle=rle(64, 48)), "type": "labels"}
    assert faults_of({**mask("a"), "type": "brush"}, drawn) == []
    assert faults_of({**mask("a"), "type": "brush"}, {**drawn, "id": "b"}) == ["LD211 a"]


@given(st.lists(st.integers(0, 255), min_size=1, max_size=9))
def test_a_mask_is_empty_where_nothing_is_painted(opacities: list[int]) -> None:
    code = rle_of_all([f"{opacity:08b}" for opacity in opacities])
    assert faults_of(mask("a", rle=code)) == ["LD211 a"] * (not any(opacities))
