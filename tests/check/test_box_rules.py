"""LD101 to LD104: shapes without a label, without an area, beyond their image."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import BOXES, WITHOUT_CONFIG, box, checked, found, image, task

NAN = float("nan")


def faults_of(*regions: dict[str, Any], select: str = "LD1", config: str = BOXES) -> list[str]:
    result = checked([task(1, image(1), regions)], select, config=config)
    return [f"{fault.rule} {fault.finding.regions[0]}" for fault in result.faults]


def test_a_region_without_a_label_is_found() -> None:
    assert faults_of(box("a", 1, 1, 5, 5, label=None), box("b", 1, 1, 5, 5)) == ["LD101 a"]


def test_a_region_without_a_label_is_found_where_its_control_has_left_the_config() -> None:
    unlabeled = box("a", 1, 1, 5, 5, label=None)
    assert faults_of(unlabeled, config=WITHOUT_CONFIG) == ["LD101 a"]


def test_a_rectangle_with_a_label_of_its_own_has_one() -> None:
    """OCR: a Rectangle, its label and its text are three results with one id."""
    names = {"id": "a", "to_name": "image"}
    value = {"x": 1, "y": 1, "width": 5, "height": 5}
    drawn = {**names, "from_name": "draw", "type": "rectangle", "value": value}
    label = {**names, "from_name": "what", "type": "labels", "value": {**value, "labels": ["Car"]}}
    config = BOXES.replace(
        "</View>",
        '<Rectangle name="draw" toName="image"/>'
        '<Labels name="what" toName="image"><Label value="Car"/></Labels></View>',
    )
    assert faults_of(drawn, label, config=config) == []
    assert faults_of({**drawn, "from_name": "box"}, label, config=config) == []
    assert faults_of({**drawn, "from_name": "box"}, config=config) == ["LD101 a"]


def test_a_tool_without_labels_needs_none() -> None:
    config = (
        '<View><Image name="image" value="$image"/><Rectangle name="box" toName="image"/></View>'
    )
    region = {**box("a", 1, 1, 5, 5, label=None), "type": "rectangle"}
    assert faults_of(region, config=config) == []


@pytest.mark.parametrize(
    ("numbers", "finds"),
    [
        ((1, 1, 0, 5), True),
        ((1, 1, 5, -5), True),
        ((1, 1, NAN, 5), True),
        ((1, 1, "5", 5), True),
        ((1, 1, None, 5), True),
        ((1, 1, True, 5), True),
        ((1, 1, 5, 5), False),
        ((1, 1, 0.001, 0.001), False),
    ],
)
def test_a_box_without_an_area_is_found(numbers: tuple[Any, ...], finds: bool) -> None:
    assert faults_of(box("a", *numbers), select="LD102") == ["LD102 a"] * finds


def test_an_ellipse_without_an_area_is_found() -> None:
    value = {"x": 50, "y": 50, "radiusX": 0, "radiusY": 5, "ellipselabels": ["Car"]}
    region = {**box("a", 1, 1, 5, 5), "type": "ellipselabels", "value": value}
    assert faults_of(region) == ["LD102 a"]


@pytest.mark.parametrize(
    ("numbers", "finds"),
    [
        ((0, 0, 100, 100), False),
        ((0.0, 0.0, 100.0, 100.00000001), False),  # dust
        ((-0.09, 0, 50, 50), False),
        ((-0.2, 0, 50, 50), True),
        ((60, 60, 40.2, 10), True),
        ((60, 99, 10, 5), True),
        ((60.0, -3.0, 10.0, 5.0), True),
    ],
)
def test_a_box_beyond_its_image_is_found(numbers: tuple[float, ...], finds: bool) -> None:
    assert faults_of(box("a", *numbers)) == ["LD104 a"] * finds


def test_a_rotated_box_is_measured_in_pixels() -> None:
    """It turns about its corner: 20 % of 480 pixels to the left of x = 5 % of 640."""
    assert faults_of(box("a", 50, 50, 5, 20, rotation=90)) == []
    assert faults_of(box("a", 5, 50, 5, 20, rotation=90)) == ["LD104 a"]


def test_a_rotated_box_of_an_image_of_unknown_size_is_not_judged() -> None:
    region = box("a", 5, 50, 5, 20, rotation=90)
    del region["original_width"]
    assert faults_of(region) == []


def test_an_ellipse_beyond_its_image_is_found() -> None:
    value = {"x": 4, "y": 50, "radiusX": 5, "radiusY": 5, "ellipselabels": ["Car"]}
    assert faults_of({**box("a", 1, 1, 5, 5), "type": "ellipselabels", "value": value}) == [
        "LD104 a"
    ]


def test_how_far_outside_is_an_option() -> None:
    tasks = [task(1, image(1), [box("a", -0.5, 0, 50, 50)])]
    assert found(checked(tasks, config=BOXES)) == [("LD104", 1, "a")]
    assert found(checked(tasks, config=BOXES, LD104={"tolerance": 1})) == []


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_nothing_is_found_in_a_box_inside_its_image(parts: list[float]) -> None:
    x, y = parts[0] * 99, parts[1] * 99
    width, height = (max(part * (100 - at), 1) for part, at in zip(parts[2:], (x, y), strict=True))
    assert faults_of(box("a", x, y, width, height)) == []
