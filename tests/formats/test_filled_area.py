"""The area that a polygon fills: by hand, and what pycocotools makes of the same points."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.effort import examples

from ls_dvc.formats.image import filled_area as module
from ls_dvc.formats.image.filled_area import filled_area
from ls_dvc.labels import geometry

BOW_TIE = [(20.0, 10.0), (100.0, 50.0), (100.0, 10.0), (20.0, 50.0)]
STAR = [(50.0, 0.0), (80.0, 90.0), (0.0, 35.0), (100.0, 35.0), (20.0, 90.0)]


@pytest.mark.parametrize(
    ("points", "area"),
    [
        ([(0.0, 0.0), (10.0, 0.0), (10.0, 5.0)], 25),
        ([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 2.0), (0.0, 10.0)], 60),
        (BOW_TIE, 1600),
        # The same with the crossing as a point of its own.
        ([*BOW_TIE[:1], (60.0, 30.0), *BOW_TIE[1:3], (60.0, 30.0), BOW_TIE[3]], 1600),
        # Twice around: what is inside both times is outside.
        ([(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)] * 2, 0),
        # Out and back on one line.
        ([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (10.0, 0.0), (10.0, 5.0)], 25),
        # Two squares that a line joins, there and back.
        (
            [
                *((0.0, 0.0), (2.0, 0.0), (2.0, 2.0)),
                *((5.0, 5.0), (7.0, 5.0), (7.0, 7.0), (5.0, 7.0), (5.0, 5.0)),
                *((2.0, 2.0), (0.0, 2.0)),
            ],
            8,
        ),
    ],
)
def test_by_hand(points: Any, area: float) -> None:
    assert filled_area(points) == area
    assert filled_area(points[::-1]) == area


def test_a_star_in_one_stroke_has_a_hole_in_the_middle() -> None:
    outline = geometry.area(STAR)
    assert 0 < filled_area(STAR) < outline


COORDINATES = st.integers(0, 200).map(float)
POLYGONS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=9)


@pytest.mark.filterwarnings("ignore:__array__ implementation")
@settings(max_examples=examples(200), deadline=None)
@given(points=POLYGONS)
def test_pycocotools_fills_as_much(points: Any) -> None:
    """But for the pixels that the outline runs through, which it counts in its own way."""
    from pycocotools import mask as api

    assume(not geometry.is_flat(points))
    (found,) = api.frPyObjects([[each for point in points for each in point]], 201, 201)
    ends = zip(points, [*points[1:], points[0]], strict=True)
    length = sum(abs(x1 - x2) + abs(y1 - y2) for (x1, y1), (x2, y2) in ends)
    assert filled_area(points) == pytest.approx(float(api.area(found)), abs=length * 0.6 + 2)


@settings(max_examples=examples(200), deadline=None)
@given(points=POLYGONS, at=st.integers(0, 8))
def test_where_it_begins_changes_nothing(points: Any, at: int) -> None:
    assume(not geometry.is_flat(points))
    turned = points[at % len(points) :] + points[: at % len(points)]
    assert filled_area(turned) == pytest.approx(filled_area(points), rel=1e-9, abs=1e-5)


def test_a_scribble_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STEPS", 50_000)
    chance = random.Random(1)
    scribble = [(chance.random() * 100, chance.random() * 100) for _ in range(300)]
    assert filled_area(scribble) is None
    comb = [(x, y) for y in range(500) for x in ((0, 100) if y % 2 else (100, 0))]
    assert filled_area(comb) is None
