"""LD813, LD814 and LD821: labels of two names, of no config, of another share than before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import BOXES, SPANS, WITHOUT_CONFIG, box, checked, found, image, span, task

from ls_dvc.check.rules.ld813_names_alike import plain_name
from ls_dvc.check.rules.ld821_share_moved import z

TEXT = "The deputy sheriff, John Smith, has three dogs."


def boxes(*labels: str) -> list[dict[str, Any]]:
    return [
        task(number, image(number), [box(f"r{number}", 1, 1, 5, 5, label=label)])
        for number, label in enumerate(labels, 1)
    ]


def test_names_that_are_nearly_the_same_are_found() -> None:
    result = checked(boxes("Butterfly", "butterfly", "Butterfly", "Bee"), "LD813", config=BOXES)
    assert found(result) == [("LD813", 0, "")]
    assert result.faults[0].message() == (
        "“butterfly” (1 regions) is nearly the same name as “Butterfly” (2)"
    )
    assert result.faults[0].finding.control == "box"


def test_the_config_counts_too() -> None:
    """All regions say Cars, and the config Car."""
    result = checked(boxes("Cars", "Cars"), "LD813", config=BOXES)
    assert [fault.message() for fault in result.faults] == [
        "“Car” (0 regions) is nearly the same name as “Cars” (2)"
    ]


def test_which_of_two_has_more_regions_does_not_make_another_fault() -> None:
    one, other = (
        checked(boxes("Cars", *more), "LD813", config=BOXES).faults[0]
        for more in ((), ("Car", "Car"))
    )
    assert one.fingerprint == other.fingerprint
    assert one.message() != other.message()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("traffic_light", "Traffic light", True),
        ("traffic-lights", "trafficlight", True),
        (" car ", "car", True),
        ("B-PER", "b_per", True),
        ("class 1", "class_1", True),
        ("glass", "glasses", False),
        ("bus", "bu", False),
        ("A-", "A", False),
        ("1-2", "12", False),
        ("1-2", "1_2", False),
        ("Person", "Age", False),
        ("C", "C++", False),
        ("straße", "STRASSE", True),
    ],
)
def test_which_names_are_alike(one: str, other: str, alike: bool) -> None:
    assert (plain_name(one) == plain_name(other)) == alike


@given(st.lists(st.text("abcXYZ", min_size=1, max_size=6), min_size=1, max_size=4))
def test_however_words_are_joined_they_are_alike(words: list[str]) -> None:
    names = {plain_name(by.join(words)) for by in (" ", "_", "-", "")}
    assert names == {plain_name("".join(words).upper())}


def test_a_label_that_the_config_does_not_have_is_found() -> None:
    result = checked(boxes("Car", "car", "Tram"), "LD814", config=BOXES)
    assert found(result) == [("LD814", 2, "r2"), ("LD814", 3, "r3")]
    assert result.faults[1].message() == "has “Tram”, which is no label of the label config"
    assert "Tram" not in result.faults[1].message(quotes=False)


def test_an_unknown_choice_is_found() -> None:
    config = """<View><Text name="text" value="$text"/><Choices name="kind" toName="text">
    <Choice value="news"/><Choice value="ad" alias="advert"/></Choices></View>"""
    names = {"from_name": "kind", "to_name": "text", "type": "choices"}
    tasks = [
        task(number, {"text": TEXT}, [{"id": "a", **names, "value": {"choices": [choice]}}])
        for number, choice in enumerate(["news", "advert", "ad"], 1)
    ]
    assert found(checked(tasks, "LD814", config=config)) == [("LD814", 3, "a")]


@pytest.mark.parametrize(
    "config",
    [
        WITHOUT_CONFIG,
        SPANS.replace('toName="text"', 'toName="text" value="$labels"'),
        SPANS.replace('<Label value="Age"/>', '<Label value="$age"/>'),
        """<View><Text name="text" value="$text"/><Labels name="label" toName="text"/></View>""",
    ],
)
def test_labels_that_come_from_the_data_are_not_judged(config: str) -> None:
    tasks = [task(1, {"text": TEXT}, [span("a", TEXT, "John", "Sheriff")])]
    assert found(checked(tasks, "LD814", config=SPANS)) == [("LD814", 1, "a")]
    assert found(checked(tasks, "LD814", config=config)) == []


@given(st.lists(st.sampled_from(["Car", "Bus", "Tram", "car"]), max_size=12))
def test_what_is_found_is_what_the_config_lacks(labels: list[str]) -> None:
    unknown = [number for number, label in enumerate(labels, 1) if label in ("Tram", "car")]
    result = checked(boxes(*labels), "LD814", config=BOXES)
    assert [fault.finding.task for fault in result.faults] == unknown


def moved(now: tuple[int, int], base: Any, **options: Any) -> list[str]:
    tasks = boxes(*["Car"] * now[0], *["Bus"] * now[1])
    result = checked(tasks, "LD821", config=BOXES, base=base, **options)
    return sorted(fault.message() for fault in result.faults)


def test_a_share_that_moved_since_the_base_is_found() -> None:
    base = {"box": {"Car": 90, "Bus": 210}}
    assert moved((200, 100), base) == [
        "“Bus” is 33.3 % of the regions, and was 70.0 %",
        "“Car” is 66.7 % of the regions, and was 30.0 %",
    ]


@pytest.mark.parametrize(
    ("now", "base"),
    [
        ((90, 210), {"box": {"Car": 95, "Bus": 205}}),  # hardly
        ((6, 4), {"box": {"Car": 3, "Bus": 7}}),  # few
        ((200, 100), None),  # nothing to compare with
        ((200, 100), {}),
        ((200, 100), {"box": {}}),
        ((200, 100), {"other": {"Car": 90, "Bus": 210}}),
        ((0, 0), {"box": {"Car": 90, "Bus": 210}}),
        ((90, 0), {"box": {"Car": 210}}),
    ],
)
def test_a_share_that_stayed_or_is_not_known_is_not_found(now: Any, base: Any) -> None:
    assert moved(now, base) == []


def test_a_new_label_and_one_that_is_gone_moved_too() -> None:
    assert len(moved((100, 100), {"box": {"Car": 200}})) == 2
    assert len(moved((200, 0), {"box": {"Car": 100, "Bus": 100}})) == 2


def test_how_far_a_share_may_move_is_an_option() -> None:
    base = {"box": {"Car": 90, "Bus": 210}}
    assert moved((200, 100), base, LD821={"points": 40}) == []
    assert moved((200, 100), base, LD821={"z": 20}) == []


counts = st.tuples(st.integers(0, 50), st.integers(0, 50))


@given(counts, counts)
def test_the_z_score_is_the_root_of_chi_squared(first: Any, second: Any) -> None:
    """For two shares, z² is Pearson's χ² of the table of both."""
    (a, b), (c, d) = first, second
    if not (a + b and c + d):
        return
    rows, columns, total = (a + b, c + d), (a + c, b + d), a + b + c + d
    expected = [[row * column / total for column in columns] for row in rows]
    chi_squared = sum(
        (observed - wanted) ** 2 / wanted
        for line, wanted_line in zip(((a, b), (c, d)), expected, strict=True)
        for observed, wanted in zip(line, wanted_line, strict=True)
        if wanted
    )
    assert z((a, c), (a + b, c + d)) ** 2 == pytest.approx(chi_squared, rel=1e-12, abs=1e-12)
