"""LD502, LD603, LD921 and LD922: relations to themselves, answers that are missing, predictions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import BOXES, SPANS, box, checked, found, image, span, task

TEXT = "The deputy sheriff, John Smith, has three dogs."
WORDS = TEXT.rstrip(".").replace(",", "").split()
CONFIG = SPANS.replace(
    "</View>",
    """<Choices name="kind" toName="text"><Choice value="news"/><Choice value="ad"/></Choices>
    <TextArea name="note" toName="text" perRegion="true"/></View>""",
)


def relation(start: Any, end: Any) -> dict[str, Any]:
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right"}


def test_a_relation_to_itself_is_found() -> None:
    regions = [span("a", TEXT, "John"), span("b", TEXT, "dogs"), relation("a", "b")]
    tasks = [task(1, {"text": TEXT}, [*regions, relation("b", "b")])]
    assert found(checked(tasks, "LD502")) == [("LD502", 1, "b")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=8))
def test_relations_between_two_regions_are_no_fault(ends: list[tuple[str, str]]) -> None:
    result = checked([task(1, {"text": TEXT}, [relation(*each) for each in ends])], "LD502")
    to_themselves = {start for start, end in ends if start == end}
    assert {fault.finding.regions[0] for fault in result.faults} == to_themselves


def test_a_relation_to_nothing_leads_nowhere() -> None:
    ends = [relation(None, None), {"type": "relation"}, relation("a", ["a"])]
    assert found(checked([task(1, {"text": TEXT}, ends)], "LD502")) == []


def choice(*choices: str) -> dict[str, Any]:
    names = {"id": "answer", "from_name": "kind", "to_name": "text", "type": "choices"}
    return {**names, "value": {"choices": [*choices]}}


def note(region: str) -> dict[str, Any]:
    names = {"id": region, "from_name": "note", "to_name": "text", "type": "textarea"}
    return {**names, "value": {"text": ["x"]}}


def texts(*results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [task(n, {"text": f"{n} {TEXT}"}, result) for n, result in enumerate(results, 1)]


def test_a_question_that_is_nearly_always_answered_is_asked() -> None:
    marked = span("a", TEXT, "John")
    result = checked(texts([marked], *[[marked, choice("ad")]] * 39), "LD603", config=CONFIG)
    assert found(result) == [("LD603", 1, "")]
    fault = result.faults[0]
    assert fault.message() == "has no answer to “kind”, as 39 of 40 annotations have"
    assert fault.finding.control == "kind"


@pytest.mark.parametrize("usual", [36, 200])
def test_a_question_that_a_fifteenth_leaves_open_is_optional(usual: int) -> None:
    marked = span("a", TEXT, "John")
    results = [[marked]] * (usual // 14) + [[marked, choice("ad")]] * usual
    assert found(checked(texts(*results), "LD603", config=CONFIG)) == []


def test_an_empty_annotation_may_mean_that_nothing_is_there() -> None:
    results: list[list[dict[str, Any]]] = [[], *[[choice("ad")]] * 60]
    assert found(checked(texts(*results), "LD603", config=CONFIG)) == []


def test_a_control_that_left_the_config_is_not_asked_for() -> None:
    marked = span("a", TEXT, "John")
    tasks = texts([marked], *[[marked, choice("ad")]] * 60)
    assert found(checked(tasks, "LD603", config=SPANS)) == []


def test_what_regions_with_a_label_have_is_asked_of_each() -> None:
    """Persons have a note, ages have none."""
    usual = [span("a", TEXT, "John"), note("a"), span("b", TEXT, "three", "Age")]
    without = [span("c", TEXT, "John"), span("d", TEXT, "three", "Age")]
    result = checked(texts(without, *[usual] * 40), "LD603", config=CONFIG)
    assert found(result) == [("LD603", 1, "c")]
    assert result.faults[0].message() == (
        "has no answer to “note”, as 40 of 41 regions with the label “Person” have"
    )


def test_a_label_that_nearly_always_stands_next_to_another_is_asked_for() -> None:
    """Invoices with the amount of a tax and no rate."""
    both = [span("a", TEXT, "John"), span("b", TEXT, "three", "Age")]
    result = checked(texts(both[:1], *[both] * 40), "LD603")
    assert found(result) == [("LD603", 1, "")]
    assert result.faults[0].message() == (
        "has “Person” and no “Age”: 40 of 41 annotations with the one have both"
    )
    assert result.faults[0].message(quotes=False).startswith("has … and no …:")


def test_the_strongest_label_speaks_for_a_missing_one() -> None:
    config = SPANS.replace('<Label value="Age"/>', '<Label value="Age"/><Label value="Dog"/>')
    first, second = span("a", TEXT, "John"), span("b", TEXT, "three", "Age")
    third = span("c", TEXT, "dogs", "Dog")
    results = [[first, second], *[[first, second, third]] * 60, *[[second, third]] * 60]
    result = checked(texts(*results), "LD603", config=config)
    assert [fault.message() for fault in result.faults] == [
        "has “Age” and no “Dog”: 120 of 121 annotations with the one have both"
    ]


def test_a_label_that_is_common_anyway_does_not_belong_to_another() -> None:
    """Nine texts in ten have an age, and by chance a few more of those with a person."""
    person, age = span("a", TEXT, "John"), span("b", TEXT, "three", "Age")
    dog = span("c", TEXT, "dogs", "Dog")
    config = SPANS.replace('<Label value="Age"/>', '<Label value="Age"/><Label value="Dog"/>')
    results = [*[[person, age]] * 58, *[[person]] * 2, *[[dog, age]] * 50, *[[dog]] * 10]
    assert found(checked(texts(*results), "LD603", config=config)) == []
    rare = [*results[:60], *[[dog]] * 60]
    assert len(found(checked(texts(*rare), "LD603", config=config))) == 2


def test_how_usual_is_an_option() -> None:
    both = [span("a", TEXT, "John"), span("b", TEXT, "three", "Age")]
    tasks = texts(*[both[:1]] * 2, *[both] * 18)
    assert found(checked(tasks, "LD603")) == []
    assert len(found(checked(tasks, "LD603", LD603={"cases": 20, "share": 0.9}))) == 2


def test_controls_of_a_repeater_are_one() -> None:
    config = """<View><Repeater on="$pages" indexFlag="{{i}}"><Image name="page_{{i}}"
    value="$pages[{{i}}].image"/><RectangleLabels name="box_{{i}}" toName="page_{{i}}">
    <Label value="Car"/><Label value="Bus"/></RectangleLabels></Repeater></View>"""

    def page(number: int, *labels: str) -> list[dict[str, Any]]:
        names = {"from_name": f"box_{number}", "to_name": f"page_{number}"}
        return [{**box(f"r{number}{each}", 1, 1, 5, 5, label=each), **names} for each in labels]

    pages = {"pages": [{"image": "/a.jpg"}] * 3}
    both = [result for number in range(3) for result in page(number, "Car", "Bus")]
    tasks = [task(n, pages, both) for n in range(1, 30)]
    tasks.append(task(30, pages, [*page(0, "Car", "Bus"), *page(2, "Car")]))
    result = checked(tasks, "LD603", config=config)
    assert found(result) == [("LD603", 30, "")]
    assert result.faults[0].finding.control == "box_{{i}}"


@given(st.lists(st.booleans(), min_size=40, max_size=60))
def test_what_is_missing_is_what_nineteen_in_twenty_have(answered: list[bool]) -> None:
    marked = span("a", TEXT, "John")
    results = [[marked, choice("ad")] if each else [marked] for each in answered]
    result = checked(texts(*results), "LD603", config=CONFIG)
    is_usual = sum(answered) >= 0.95 * len(answered)
    missing = [number for number, each in enumerate(answered, 1) if not each]
    assert [fault.finding.task for fault in result.faults] == (missing if is_usual else [])


def with_origins(*origins: str | None, **more: Any) -> list[dict[str, Any]]:
    regions = [
        {**box(f"r{number}", 1, number, 0.5, 0.5), **({"origin": origin} if origin else {})}
        for number, origin in enumerate(origins)
    ]
    return [{**task(1, image(1), regions), **more}]


def test_predictions_that_nobody_changed_are_one_note() -> None:
    tasks = with_origins(*["prediction"] * 30, *["prediction-changed"] * 5, *["manual"] * 5)
    result = checked(tasks, "LD921", config=BOXES)
    assert found(result) == [("LD921", 0, "")]
    assert result.faults[0].message() == "30 of 40 regions are predictions that nobody changed"
    assert result.faults[0].finding.at == {"share": 0.75}


@pytest.mark.parametrize(
    "origins",
    [["prediction"] * 29, [None] * 90, ["manual"] * 90, ["prediction", *["manual"] * 90]],
)
def test_few_or_no_predictions_are_no_note(origins: list[str | None]) -> None:
    assert found(checked(with_origins(*origins), "LD921", config=BOXES)) == []


def test_tasks_without_predictions_do_not_dilute_the_share() -> None:
    others = [task(n, image(n), [box("a", 1, 1, 5, 5)]) for n in range(2, 999)]
    result = checked([*with_origins(*["prediction"] * 40), *others], "LD921", config=BOXES)
    assert result.faults[0].finding.at == {"share": 1.0}


def test_two_results_with_one_id_are_found() -> None:
    regions = [box("a", 1, 1, 5, 5), box("a", 50, 50, 5, 5), box("b", 9, 9, 5, 5)]
    result = checked([task(1, image(1), regions)], "LD922", config=BOXES)
    assert found(result) == [("LD922", 1, "a")]
    assert result.faults[0].message() == "has the id of another result of its control"


def test_two_predicted_results_with_one_id_are_found() -> None:
    regions = [box("a", 1, 1, 5, 5)] * 3
    predicted = {**task(1, image(1)), "predictions": [{"id": 1, "result": regions}]}
    (fault,) = checked([predicted], "LD922", config=BOXES).faults
    assert (fault.finding.regions, fault.count) == (("a",), 2)
    assert fault.message() == "has, in a prediction, the id of another result of its control"


def test_ids_may_repeat_in_other_controls_annotations_and_predictions() -> None:
    shape, other = box("a", 1, 1, 5, 5), {**box("a", 1, 1, 5, 5), "type": "choices"}
    text = {**shape, "from_name": "text"}
    results = [shape, other, text]
    predictions = [{"id": 1, "result": results}, {"id": 2, "result": results}, {"id": 3}]
    tasks = [{**task(1, image(1), results, results), "predictions": predictions}]
    assert found(checked(tasks, "LD922", config=BOXES)) == []


def test_relations_and_regions_without_an_id_do_not_collide() -> None:
    regions = [relation("a", "b")] * 2 + [span(None, TEXT, "John")] * 2
    assert found(checked([task(1, {"text": TEXT}, regions)], "LD922")) == []


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8))
def test_each_result_but_the_first_is_counted(names: list[str]) -> None:
    tasks = [task(1, image(1), [box(name, 1, 1, 5, 5) for name in names])]
    result = checked(tasks, "LD922", config=BOXES)
    assert sum(fault.count for fault in result.faults) == len(names) - len({*names})
