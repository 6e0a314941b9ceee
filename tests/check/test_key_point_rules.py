"""LD302 and LD303: key points that an object has twice, or lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import box, checked, found, image, task

CORNERS = ("near left", "near right", "far left", "far right", "net")
CONFIG = f"""<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels>
<KeyPointLabels name="point" toName="image">
{"".join(f'<Label value="{corner}"/>' for corner in CORNERS)}</KeyPointLabels></View>"""


def point(region: str, label: str, parent: str | None = None) -> dict[str, Any]:
    value = {"x": 10, "y": 20, "width": 0.5, "keypointlabels": [label]}
    names = {"from_name": "point", "to_name": "image", "type": "keypointlabels"}
    return {"id": region, **names, "value": value, **({"parentID": parent} if parent else {})}


def court(number: int, labels: Sequence[str] = CORNERS, parent: str | None = None) -> Any:
    return [point(f"r{number}_{at}", label, parent) for at, label in enumerate(labels)]


def courts(odd: Sequence[Sequence[str]], usual: int = 30) -> list[dict[str, Any]]:
    """A court a task, the odd ones first."""
    labels = [*odd, *[CORNERS] * usual]
    return [task(n, image(n), court(n, each)) for n, each in enumerate(labels, 1)]


def faults_of(tasks: list[dict[str, Any]], *select: str, **options: Any) -> list[Any]:
    return found(checked(tasks, *(select or ("LD3",)), config=CONFIG, **options))


def test_the_wrong_label_is_one_point_twice_and_another_missing() -> None:
    wrong = ["near left", "near left", "far left", "far right", "net"]
    result = checked(courts([wrong]), "LD3", config=CONFIG)
    assert found(result) == [("LD302", 1, "r1_1 r1_0"), ("LD303", 1, "")]
    assert [fault.message() for fault in result.faults] == [
        "is “near left”, as another point of the same object is",
        "has no “near right”, which 30 of 31 objects have (or it is not visible)",
    ]


def test_each_missing_point_is_a_fault_of_its_own() -> None:
    result = checked(courts([CORNERS[:3]]), "LD303", config=CONFIG)
    assert found(result) == [("LD303", 1, "")] * 2
    assert len({fault.fingerprint for fault in result.faults}) == 2


def test_four_faces_without_parents_are_no_set() -> None:
    """Labels repeat in most images, so points without a parent are those of several objects."""
    faces = [task(n, image(n), court(n, CORNERS * 4)) for n in range(1, 41)]
    assert faults_of(faces) == []


def test_one_of_several_faces_may_lack_a_point() -> None:
    """The mouth of the only face of an image may be hidden, though all others have one."""
    faces = [task(n, image(n), court(n, [*CORNERS, *CORNERS[:4]])) for n in range(1, 41)]
    assert faults_of([*faces, task(41, image(41), court(41, CORNERS[:4]))]) == []


def test_points_that_are_counted_are_no_set() -> None:
    single = [["net"]] * 40
    assert faults_of(courts([["net", "net"], *single], usual=0)) == []


def test_points_of_a_shape_are_compared_by_its_id() -> None:
    tasks = [
        task(
            n, image(n), [box("a", 1, 1, 9, 9), *court(n, parent="a"), *court(n + 100, parent="b")]
        )
        for n in range(1, 31)
    ]
    assert faults_of(tasks) == []
    broken = court(99, ["net", "net", *CORNERS[:3]], parent="c")
    assert faults_of([*tasks, task(99, image(99), broken)]) == [
        ("LD302", 99, "r99_1 r99_0"),
        ("LD303", 99, "c"),
    ]


def test_a_parent_may_be_called_anything() -> None:
    tasks = [
        task(n, image(n), court(n, CORNERS[: 5 - (n == 1)], parent="John Smith"))
        for n in range(1, 41)
    ]
    ((rule, number, parent),) = faults_of(tasks)
    assert (rule, number, parent[0]) == ("LD303", 1, "~")


def test_two_annotators_and_two_pages_have_sets_of_their_own() -> None:
    second = [{**each, "item_index": 1} for each in court(2)]
    tasks = [task(n, image(n), [*court(1), *second], court(3)) for n in range(1, 31)]
    assert faults_of(tasks) == []


def test_points_may_be_labeled_by_results_of_their_own() -> None:
    def apart(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
        labels = [each["value"]["keypointlabels"] for each in points]
        names = {"type": "labels", "from_name": "what"}
        return [
            result
            for each, label in zip(points, labels, strict=True)
            for result in (
                {**each, "type": "keypoint", "value": {"x": 1, "y": 1}},
                {**each, **names, "value": {"x": 1, "y": 1, "labels": label}},
            )
        ]

    tasks = [task(n, image(n), apart(court(n, CORNERS[n == 1 :]))) for n in range(1, 41)]
    assert faults_of(tasks) == [("LD303", 1, "")]


def test_a_point_that_a_fifth_does_not_have_is_not_missing() -> None:
    assert faults_of(courts([CORNERS[1:]] * 8, usual=32)) == []
    assert len(faults_of(courts([CORNERS[1:]] * 8, usual=32), LD303={"share": 0.8})) == 8


@pytest.mark.parametrize(("usual", "finds"), [(18, False), (19, True)])
def test_a_few_objects_show_nothing(usual: int, finds: bool) -> None:
    assert faults_of(courts([CORNERS[1:]], usual)) == [("LD303", 1, "")] * finds


@given(st.lists(st.sets(st.sampled_from(CORNERS), min_size=1), min_size=20, max_size=40))
def test_what_is_missing_is_what_nine_tenths_have(sets: list[set[str]]) -> None:
    tasks = courts([sorted(labels) for labels in sets], usual=0)
    result = checked(tasks, "LD303", config=CONFIG)
    usual = [
        corner for corner in CORNERS if sum(corner in labels for labels in sets) >= 0.9 * len(sets)
    ]
    missing = sum(corner not in labels for labels in sets for corner in usual)
    assert len(result.faults) + sum(each.found for each in result.conventions) == missing
    assert found(checked(tasks, "LD302", config=CONFIG)) == []
