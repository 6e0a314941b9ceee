"""Shapes: rotation about the top left corner in pixels, polygons cut at the edge."""

from __future__ import annotations

import cmath
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.labels import geometry, region_values
from ls_dvc.labels.geometry import Box, Ellipse, Size

SIDES = st.floats(0.01, 100)
POINTS = st.lists(st.tuples(st.floats(-100, 200), st.floats(-100, 200)), min_size=3, max_size=8)


def test_the_box_that_the_usual_converter_gets_wrong() -> None:
    """A box of 300x100 pixels turned by 90 degrees, on an image of 1000x500."""
    drawn = Box(50, 20, 30, 20, 90).in_pixels(Size(1000, 500))
    assert drawn == Box(500, 100, 300, 100, 90)
    assert drawn.corners() == [(500, 100), (500, 400), (400, 400), (400, 100)]
    assert drawn.upright() == Box(400, 100, 100, 300)


@given(x=SIDES, y=SIDES, width=SIDES, height=SIDES, rotation=st.floats(-360, 360))
def test_corners_by_complex_numbers(
    x: float, y: float, width: float, height: float, rotation: float
) -> None:
    """Turning is multiplying by a unit of the complex plane, whose second axis points down here."""
    turn = cmath.exp(1j * math.radians(rotation))
    expected = [
        complex(x, y) + turn * arm for arm in (0, width, complex(width, height), 1j * height)
    ]
    found = [complex(*each) for each in Box(x, y, width, height, rotation).corners()]
    assert all(abs(a - b) < 1e-5 for a, b in zip(found, expected, strict=True))
    around = Box(x, y, width, height, rotation).upright()
    assert around.width == pytest.approx(
        width * abs(math.cos(math.radians(rotation)))
        + height * abs(math.sin(math.radians(rotation))),
        abs=1e-5,
    )


def test_corners_do_not_carry_the_noise_of_a_sine() -> None:
    """The last bits of a sine differ between systems, and zero has two signs."""
    for x, y in Box(10, 10, 7, 3, 180).corners():
        assert repr(x) == repr(round(x, 6))
        assert repr(y) == repr(round(y, 6))
    assert "-0.0" not in repr(Box(0, 0, 5, 5, 90).corners())


def test_percent_and_pixels() -> None:
    box = Box(10, 20, 30, 40, 12)
    back = box.in_pixels(Size(640, 480)).in_percent(Size(640, 480))
    assert box.in_pixels(Size(640, 480)) == Box(64, 96, 192, 192, 12)
    assert [back.x, back.y, back.width, back.height] == pytest.approx([10, 20, 30, 40])
    assert geometry.pixels((33, 50), Size(370, 10)) == (122.1, 5.0)


def value(**fields: Any) -> dict[str, Any]:
    return {"x": 1, "y": 2, "width": 3, "height": 4, **fields}


@pytest.mark.parametrize(
    "broken",
    [
        value(x=None),
        value(y="2"),
        value(width=True),
        value(width=0),
        value(height=-0.0),
        value(x=math.nan),
        value(y=math.inf),
        value(width=10**400),
        value(x=1e300),
        value(rotation="90"),
        value(rotation=math.nan),
        {"width": 3, "height": 4},
        {},
    ],
)
def test_no_box(broken: dict[str, Any]) -> None:
    assert region_values.box(broken) is None


def test_a_box_without_rotation() -> None:
    assert region_values.box({"x": 1, "y": 2, "width": 3, "height": 4}) == Box(1, 2, 3, 4, 0)
    assert (
        region_values.box(value(rotation=None))
        == region_values.box(value(rotation=360))
        == Box(1, 2, 3, 4)
    )
    assert region_values.box(value(rotation=-90)) == Box(1, 2, 3, 4, -90)


NEGATIVE = st.floats(-90, -0.01) | st.floats(0.01, 90)


@given(x=SIDES, y=SIDES, width=NEGATIVE, height=NEGATIVE, rotation=st.sampled_from([0, 30, -200]))
def test_a_box_with_negative_sides_is_its_corners(
    x: float, y: float, width: float, height: float, rotation: float
) -> None:
    """As the editor draws it: https://github.com/HumanSignal/label-studio/issues/3140."""
    size = Size(640, 480)
    told = {"x": x, "y": y, "width": width, "height": height, "rotation": rotation}
    box = region_values.box(told)
    assert box is not None
    drawn = box.in_pixels(size)
    assert drawn.width > 0
    assert drawn.height > 0
    as_told = Box(x * 6.4, y * 4.8, width * 6.4, height * 4.8, rotation).corners()
    for one, other in zip(sorted(drawn.corners()), sorted(as_told), strict=True):
        assert one == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "0,0 1,1",
        [[0, 0], [1, 1]],
        [[0, 0], [1, 1], [2, 2]],
        [[0, 0], [5, 5], [0, 0], [9, 1]],
        [[0, 0], [0, 5], [1]],
        [[0, 0], [0, 5], [5, None]],
        [[0, 0], [0, 5], [math.nan, 1]],
        [[0, 0], [0, 5], (1, 1, 1)],
    ],
)
def test_no_polygon(broken: Any) -> None:
    assert region_values.polygon({"points": broken}) is None


def oval(**fields: Any) -> dict[str, Any]:
    return {"x": 50, "y": 40, "radiusX": 20, "radiusY": 10, **fields}


@pytest.mark.parametrize(
    "broken",
    [
        oval(x="50"),
        oval(y=None),
        oval(radiusX=0),
        oval(radiusY=-1),
        oval(radiusX=True),
        oval(rotation=math.inf),
        {"x": 50, "y": 40, "width": 5, "height": 5},
    ],
)
def test_no_ellipse(broken: dict[str, Any]) -> None:
    assert region_values.ellipse(broken) is None


def test_an_ellipse() -> None:
    assert region_values.ellipse(oval()) == Ellipse(50, 40, 20, 10, 0)
    assert region_values.ellipse(oval(rotation=-370)) == Ellipse(50, 40, 20, 10, -10)


@given(radii=st.tuples(SIDES, SIDES), rotation=st.floats(-360, 360))
def test_an_outline_is_on_the_ellipse_and_about_its_centre(
    radii: tuple[float, float], rotation: float
) -> None:
    """By complex numbers, on an image of 1000x500: turned back, each point is on the circle."""
    size, centre = Size(1000, 500), complex(500, 200)
    points = Ellipse(50, 40, *radii, rotation).outline(size)
    back = cmath.exp(-1j * math.radians(rotation))
    across, down = radii[0] * 10, radii[1] * 5
    for point in points:
        arm = (complex(*point) - centre) * back
        assert abs(complex(arm.real / across, arm.imag / down)) == pytest.approx(1, abs=1e-4)
    assert complex(*points[0]) == pytest.approx(centre + across / back, abs=1e-5)
    assert geometry.area(points) == pytest.approx(math.pi * across * down, rel=0.002)


def test_an_outline_does_not_carry_the_noise_of_a_sine() -> None:
    for x, y in Ellipse(50, 50, 10, 10, 33).outline(Size(640, 480)):
        assert repr(x) == repr(round(x, 6))
        assert repr(y) == repr(round(y, 6))
    assert "-0.0" not in repr(Ellipse(0, 0, 5, 5, 90).outline(Size(100, 100)))


def test_a_spot() -> None:
    assert region_values.keypoint({"x": 0, "y": 3.5, "width": 1}) == (0, 3.5)
    for broken in ({"x": 1}, {"x": "1", "y": 1}, {"x": math.nan, "y": 1}, {"x": 1, "y": True}):
        assert region_values.keypoint(broken) is None


def test_a_bow_tie_encloses_something() -> None:
    """Its two halves cancel out in the area, yet somebody drew them."""
    tie = [(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)]
    assert geometry.area(tie) == 0
    assert region_values.polygon({"points": [list(each) for each in tie]}) == tie


def test_area() -> None:
    assert geometry.area([(0, 0), (4, 0), (4, 3), (0, 3)]) == 12
    assert geometry.area([(0, 0), (0, 3), (4, 0)]) == 6


def test_a_polygon_is_cut_where_the_image_ends() -> None:
    """Points moved to the edge would lose the corner at (100, 100)."""
    cut = geometry.clipped([(50, 50), (150, 50), (150, 150), (50, 150)])
    assert sorted(cut) == [(50, 50), (50, 100), (100, 50), (100, 100)]
    inside = [(1.0, 1.0), (9.0, 1.0), (5.0, 8.0)]
    assert geometry.clipped(inside) == inside
    assert geometry.clipped([(-50, 10), (10, -50), (-50, -50)]) == []


@given(points=POINTS)
def test_what_is_cut_lies_on_the_image_and_in_the_polygon(
    points: list[tuple[float, float]],
) -> None:
    cut = geometry.clipped(points)
    assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in cut)
    around = geometry.bounding_box(points)
    for x, y in cut:
        assert around.x - 1e-6 <= x <= around.x + around.width + 1e-6
        assert around.y - 1e-6 <= y <= around.y + around.height + 1e-6


@given(corners=st.tuples(*[st.floats(-50, 150)] * 4))
def test_a_rectangle_is_cut_to_the_common_part(corners: tuple[float, float, float, float]) -> None:
    left, right = sorted(corners[:2])
    top, bottom = sorted(corners[2:])
    cut = geometry.clipped([(left, top), (right, top), (right, bottom), (left, bottom)])
    width = max(min(right, 100) - max(left, 0), 0)
    height = max(min(bottom, 100) - max(top, 0), 0)
    assert (geometry.area(cut) if cut else 0) == pytest.approx(width * height, abs=1e-6)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (640, 480, Size(640, 480)),
        (640.0, 480, Size(640, 480)),
        (0, 480, None),
        (None, 480, None),
        ("640", "480", None),
        (True, True, None),
        (10**400, 1, None),
        (math.inf, 1, None),
    ],
)
def test_sizes(width: Any, height: Any, expected: Size | None) -> None:
    found = region_values.image_size({"original_width": width, "original_height": height})
    assert found == expected
    assert found is None or repr(found) == "Size(width=640, height=480)"
