"""LD105, LD108 and LD111: tiny shapes, images of two sizes, shapes that are drawn twice."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import BOXES, WITHOUT_CONFIG, box, checked, found, image, task
from support.counted_calls import counted_calls

from ls_dvc.check import same_place
from ls_dvc.check.regions import region_view
from ls_dvc.check.same_place import PlacedShape, iou, pairs, placed
from ls_dvc.check.shapes import shape_view
from ls_dvc.labels import label_config

CONFIG = label_config.parse(BOXES, "the config")


def faults_of(
    *regions: dict[str, Any], select: str = "LD1", config: str = BOXES, **options: Any
) -> list[str]:
    result = checked([task(1, image(1), regions)], select, config=config, **options)
    return [f"{fault.rule} {' '.join(fault.finding.regions)}" for fault in result.faults]


def ellipse(region: str, x: float, y: float, *radii: float) -> dict[str, Any]:
    value = {"x": x, "y": y, "radiusX": radii[0], "radiusY": radii[1], "ellipselabels": ["Car"]}
    return {**box(region, 1, 1, 5, 5), "type": "ellipselabels", "value": value}


@pytest.mark.parametrize(
    ("numbers", "finds"),
    [
        ((1, 1, 0.46, 9), True),  # 2.9 of 640 pixels
        ((1, 1, 0.47, 9), False),
        ((1, 1, 9, 0.62), True),  # 2.98 of 480 pixels
        ((1, 1, 9, 0.63), False),
        ((1, 1, 9, 0), False),  # no area at all: another rule
        ((1, 1, "9", 0.1), False),
    ],
)
def test_a_tiny_box_is_found(numbers: tuple[Any, ...], finds: bool) -> None:
    assert faults_of(box("a", *numbers), select="LD105") == ["LD105 a"] * finds


def test_a_tiny_ellipse_is_found_by_its_diameter() -> None:
    assert faults_of(ellipse("a", 50, 50, 0.2, 5)) == ["LD105 a"]
    assert faults_of(ellipse("a", 50, 50, 0.3, 5)) == []


def test_what_is_tiny_is_an_option() -> None:
    line_of_text = box("a", 1, 1, 50, 2.4)  # 11.5 pixels high
    assert faults_of(line_of_text) == []
    assert faults_of(line_of_text, LD105={"side": 12}) == ["LD105 a"]


def test_a_box_on_an_image_of_unknown_size_is_not_judged() -> None:
    region = box("a", 1, 1, 0.1, 0.1)
    del region["original_width"]
    assert faults_of(region) == []


def sized(region: str, width: int, **more: Any) -> dict[str, Any]:
    start = 10 * (ord(region) - ord("a"))
    return {**box(region, start, start, 5, 5), "original_width": width, **more}


def test_a_region_of_an_image_of_another_size_is_found() -> None:
    regions = [sized("a", 320), sized("b", 640), sized("c", 640)]
    result = checked([task(1, image(1), regions[:2], regions[2:])], "LD108", config=BOXES)
    assert found(result) == [("LD108", 1, "a")]
    assert result.faults[0].message() == (
        "is of an image of 320 x 480 pixels, and others of this image have 640 x 480"
    )


def test_images_of_one_task_may_have_sizes_of_their_own() -> None:
    assert faults_of(sized("a", 320), sized("b", 640, to_name="other")) == []
    assert faults_of(sized("a", 320, item_index=0), sized("b", 640, item_index=1)) == []
    assert faults_of(sized("a", 320, item_index=0), sized("b", 640)) == ["LD108 b"]


def test_a_region_without_a_size_is_of_no_other_size() -> None:
    assert (
        faults_of(sized("a", 640), sized("b", 0), {**sized("c", 0), "value": None}, select="LD108")
        == []
    )


def test_a_box_that_is_drawn_twice_is_found() -> None:
    twice = [box("a", 10, 10, 40, 40), box("b", 10.5, 10.5, 40, 40)]
    assert faults_of(*twice) == ["LD111 b a"]
    assert faults_of(*reversed(twice)) == ["LD111 a b"]
    assert faults_of(*twice, LD111={"iou": 0.97}) == []


def test_each_of_a_heap_is_found_once() -> None:
    heap = [box(f"r{number}", 10, 10, 40, 40) for number in range(200)]
    assert len(faults_of(*heap)) == 199
    assert faults_of(*heap[:3]) == ["LD111 r1 r0", "LD111 r2 r0"]


def test_what_only_overlaps_or_is_labeled_otherwise_is_not_drawn_twice() -> None:
    one = box("a", 10, 10, 40, 40)
    assert faults_of(one, box("b", 12, 12, 40, 40)) == []
    assert faults_of(one, box("b", 10, 10, 40, 40, label="Bus")) == []
    assert faults_of(one, box("b", 12, 12, 30, 30)) == []
    assert faults_of(one, {**box("b", 10, 10, 40, 40), "item_index": 1}) == []


def test_two_annotators_may_draw_the_same_box() -> None:
    boxes = [box("a", 10, 10, 40, 40)]
    assert found(checked([task(1, image(1), boxes, boxes)], "LD111", config=BOXES)) == []


def test_a_box_is_no_duplicate_of_its_own_label() -> None:
    """OCR: a Rectangle, its label and its text are three results with one id."""

    def drawn(region: str, label: str) -> list[dict[str, Any]]:
        shape = {**box(region, 10, 10, 40, 40, label=None), "type": "rectangle"}
        value = {**shape["value"], "labels": [label]}
        text = {**shape["value"], "text": ["x"]}
        return [
            shape,
            {**shape, "type": "labels", "from_name": "what", "value": value},
            {**shape, "type": "textarea", "from_name": "text", "value": text},
        ]

    assert faults_of(*drawn("a", "Car"), config=WITHOUT_CONFIG) == []
    assert faults_of(*drawn("a", "Car"), *drawn("b", "Bus"), config=WITHOUT_CONFIG) == []
    assert faults_of(*drawn("a", "Car"), *drawn("b", "Car"), config=WITHOUT_CONFIG) == ["LD111 b a"]


def test_rotated_boxes_and_ellipses_are_compared_by_their_outlines() -> None:
    assert faults_of(
        box("a", 50, 30, 20, 20, rotation=30), box("b", 50, 30, 20, 20, rotation=31)
    ) == ["LD111 b a"]
    assert (
        faults_of(box("a", 50, 30, 20, 5, rotation=30), box("b", 50, 30, 20, 5, rotation=60)) == []
    )
    assert faults_of(ellipse("a", 50, 50, 20, 20), ellipse("b", 50.2, 50, 20, 20)) == ["LD111 b a"]
    assert faults_of(ellipse("a", 50, 50, 20, 20), ellipse("b", 55, 50, 20, 20)) == []


percents = st.integers(0, 400).map(lambda number: number / 8)
sides = st.integers(1, 400).map(lambda number: number / 8)
boxes = st.tuples(percents, percents, sides, sides)


def shapes_of(numbers: list[tuple[float, ...]]) -> list[PlacedShape]:
    regions = [box(f"r{index}", *each) for index, each in enumerate(numbers)]
    return [
        *placed(shape_view(region_view(1, at, each, CONFIG)) for at, each in enumerate(regions))
    ]


def exact_iou(one: tuple[float, ...], other: tuple[float, ...]) -> Fraction:
    (x1, y1, w1, h1), (x2, y2, w2, h2) = (map(Fraction, each) for each in (one, other))
    across = max(min(x1 + w1, x2 + w2) - max(x1, x2), Fraction())
    down = max(min(y1 + h1, y2 + h2) - max(y1, y2), Fraction())
    return across * down / (w1 * h1 + w2 * h2 - across * down)


@given(boxes, boxes)
def test_the_overlap_is_that_of_exact_arithmetic(
    one: tuple[float, ...], other: tuple[float, ...]
) -> None:
    assert abs(iou(*shapes_of([one, other])) - exact_iou(one, other)) < 1e-12


@given(st.lists(boxes, max_size=12), st.sampled_from([0.5, 0.7, 0.9]))
def test_no_pair_is_missed(numbers: list[tuple[float, ...]], least: float) -> None:
    """Against each with each; a list is doubled with small shifts, so that there are pairs."""
    numbers += [(x + w / 40, y, w, h) for x, y, w, h in numbers]
    shapes = shapes_of(numbers)
    swept = {frozenset((one.region.id, other.region.id)) for one, other in pairs(shapes, least)}
    assert swept == {
        frozenset((one.region.id, other.region.id))
        for index, one in enumerate(shapes)
        for other in shapes[:index]
        if iou(one, other) > least
    }


def test_many_lines_of_text_are_hardly_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shapes_of([(5, row / 10, 60, 0.03) for row in range(1000)])
    compared = counted_calls(monkeypatch, same_place, "_overlap")
    assert [*pairs(lines, 0.9)] == []
    assert compared() < 1000 * 999 // 2 / 5
