"""LD403 to LD421: edges of spans, spans there twice, the same words labeled otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import checked, found, span, task

TEXT = "The deputy sheriff, John Smith, has three dogs: Rex, Max and Bo.\nAll: barked."


def faults_of(*regions: dict[str, Any], text: str = TEXT, select: str = "LD4") -> list[str]:
    result = checked([task(1, {"text": text}, regions)], select)
    return [f"{fault.rule} {' '.join(fault.finding.regions)}" for fault in result.faults]


@pytest.mark.parametrize(
    ("marked", "rule"),
    [
        ("John Smith", None),
        (" John Smith", "LD403"),
        ("John ", "LD403"),
        ("Bo.\n", "LD403"),
        ("John Smith,", "LD404"),
        ("dogs:", "LD404"),
        ("Bo.", None),  # as abbreviations end
        ("All: barked.", None),
        ("ohn Smith", "LD405"),
        ("John Smi", "LD405"),
        ("dog", None),  # a plural s that was left out
        ("do", "LD405"),
        ("Smith, has", None),
    ],
)
def test_edges(marked: str, rule: str | None) -> None:
    assert faults_of(span("a", TEXT, marked)) == ([f"{rule} a"] if rule else [])


def test_a_whole_line_may_end_with_a_colon() -> None:
    assert faults_of(span("a", "Names:\nBo", "Names:"), text="Names:\nBo") == []


@pytest.mark.parametrize("text", ["東京都庁に行く", "สวัสดีครับ"])
def test_there_are_no_words_to_cut_where_there_are_no_blanks(text: str) -> None:
    assert faults_of(span("a", text, text[1:3]), text=text) == []


def test_offsets_of_javascript_are_read_as_such() -> None:
    text = "\U0001f600 John Smith \U0001f600"
    value = {"start": 3, "end": 13, "text": "John Smith", "labels": ["Person"]}
    assert faults_of({**span("a", text, "John"), "value": value}, text=text) == []


def test_of_a_text_that_is_another_one_by_now_nothing_is_said() -> None:
    assert faults_of(span("a", TEXT, "ohn Smi"), text=f"Well, {TEXT}") == []


def test_the_quote_counts_where_the_text_has_markup() -> None:
    config = """<View><HyperText name="text" value="$text"/>
    <HyperTextLabels name="label" toName="text"><Label value="Person"/></HyperTextLabels></View>"""
    value = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "text": "John\\n"}
    value |= {"hypertextlabels": ["Person"]}  # type: ignore[dict-item]
    region = {"id": "a", "from_name": "label", "to_name": "text", "type": "hypertextlabels"}
    tasks = [task(1, {"text": "<p>John</p>"}, [{**region, "value": value}])]
    assert found(checked(tasks, config=config)) == [("LD403", 1, "a")]


def test_a_span_that_is_there_twice_is_found_once() -> None:
    twice = [span("a", TEXT, "John"), span("b", TEXT, "John"), span("c", TEXT, "John", "Age")]
    assert faults_of(*twice) == ["LD407 b a"]


def test_two_annotators_may_mark_the_same() -> None:
    spans = [span("a", TEXT, "John")]
    assert found(checked([task(1, {"text": TEXT}, spans, spans)], "LD407")) == []


def test_equal_faults_of_two_annotations_are_one_that_counts() -> None:
    spans = [span("a", TEXT, " John")]
    (fault,) = checked([task(1, {"text": TEXT}, spans, spans)], "LD403").faults
    assert fault.count == 2


def many(labels: list[str], text: str = "The deputy sheriff came.") -> list[dict[str, Any]]:
    words = "deputy sheriff"
    return [
        task(number, {"text": text}, [span(f"r{number}", text, words, label)])
        for number, label in enumerate(labels, start=1)
    ]


def test_what_is_labeled_otherwise_than_nearly_everywhere_is_found() -> None:
    result = checked(many(["Person"] * 4 + ["Age"]), "LD421")
    assert found(result) == [("LD421", 5, "r5")]
    assert result.faults[0].message() == (
        "“deputy sheriff” is labeled “Age”, and “Person” in 4 of 5 places"
    )
    assert result.faults[0].message(quotes=False) == ("… is labeled …, and … in 4 of 5 places")


@pytest.mark.parametrize("labels", [["Person"] * 3 + ["Age"], ["Person"] * 3 + ["Age"] * 2])
def test_few_or_undecided_places_show_nothing(labels: list[str]) -> None:
    assert found(checked(many(labels), "LD421")) == []


def test_case_and_white_space_do_not_make_words_different() -> None:
    tasks = many(["Person"] * 4)
    text = "A Deputy  Sheriff."
    tasks.append(task(9, {"text": text}, [span("r9", text, "Deputy  Sheriff", "Age")]))
    assert found(checked(tasks, "LD421")) == [("LD421", 9, "r9")]


def test_how_often_is_an_option() -> None:
    tasks = many(["Person"] * 9 + ["Age"])
    assert len(found(checked(tasks, "LD421"))) == 1
    assert found(checked(tasks, "LD421", LD421={"times": 11})) == []


words = st.lists(st.sampled_from(["Ada", "Böö", "x1", "9"]), min_size=1, max_size=6)


@given(words, st.data())
def test_nothing_is_found_in_whole_words(some: list[str], data: st.DataObject) -> None:
    text = " ".join(some)
    first = data.draw(st.integers(0, len(some) - 1))
    last = data.draw(st.integers(first, len(some) - 1))
    start = len(" ".join([*some[:first], ""])) if first else 0
    end = len(" ".join(some[: last + 1]))
    value = {"start": start, "end": end, "text": text[start:end], "labels": ["Person"]}
    assert faults_of({**span("a", text, some[0]), "value": value}, text=text) == []
