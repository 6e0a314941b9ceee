"""LD801 to LD803 and LD902: the same task twice, and two annotations by one person."""

from __future__ import annotations

from typing import Any

import pytest
from support.checked import BOXES, box, checked, found, image, span, task

from ls_dvc.check.shown_content import unsigned
from ls_dvc.labels.policy import Split

TEXT = "The deputy sheriff has three dogs."


def texts(*said: list[dict[str, Any]], text: str = TEXT) -> list[dict[str, Any]]:
    return [task(number, {"text": text}, result) for number, result in enumerate(said, start=1)]


def test_the_same_text_twice_is_found() -> None:
    result = checked(texts([], [], []), "LD801")
    assert found(result) == [("LD801", 2, ""), ("LD801", 3, "")]
    assert [fault.finding.at for fault in result.faults] == [{"first": 1}] * 2


def test_case_and_white_space_do_not_make_texts_different() -> None:
    tasks = [*texts([]), task(2, {"text": f" {TEXT.upper()}\n"}, [])]
    assert found(checked(tasks, "LD801")) == [("LD801", 2, "")]


def test_many_tasks_may_say_ok() -> None:
    assert found(checked(texts([], [], text="ok"), "LD8")) == []


def test_everything_that_is_shown_has_to_be_the_same() -> None:
    """In one export 200 texts are there several times, each with another template."""
    config = """<View><Text name="text" value="$text"/><Text name="template" value="$template"/>
    <Labels name="label" toName="text"><Label value="Person"/></Labels></View>"""
    tasks = [
        task(number, {"text": TEXT, "template": f"the {number}. of the templates"}, [])
        for number in (1, 2)
    ]
    assert found(checked(tasks, "LD801", config=config)) == []
    assert found(checked(tasks, "LD801")) == [("LD801", 2, "")]


def test_what_is_not_shown_does_not_count() -> None:
    tasks = [task(number, {"text": TEXT, "source": number}, []) for number in (1, 2)]
    assert found(checked(tasks, "LD801")) == [("LD801", 2, "")]


def test_a_task_that_nobody_labeled_is_no_twin() -> None:
    assert found(checked([*texts([]), task(2, {"text": TEXT})], "LD801")) == []


@pytest.mark.parametrize(
    ("address", "shorter"),
    [
        ("s3://b/a.jpg", "s3://b/a.jpg"),
        ("/data/local-files/?d=a/b.jpg", "/data/local-files/?d=a/b.jpg"),
        ("https://h/a.jpg?X-Amz-Signature=1&X-Amz-Date=2", "https://h/a.jpg?"),
        ("https://h/a.jpg?v=2&sig=abc&se=2&sv=3", "https://h/a.jpg?v=2"),
        ("https://h/a?id=7&Expires=5&Signature=x&GoogleAccessId=z", "https://h/a?id=7"),
    ],
)
def test_addresses_lose_what_signs_them_and_nothing_else(address: str, shorter: str) -> None:
    assert unsigned(address) == shorter


def test_images_in_one_folder_are_different_ones() -> None:
    """Dropping the query made 990 different pictures of one data set a single one."""
    tasks = [
        task(number, {"image": f"/data/local-files/?d=frames/{number}.jpg"}, [])
        for number in range(5)
    ]
    assert found(checked(tasks, config=BOXES)) == []


def test_labels_that_differ_are_an_error() -> None:
    one, other = [span("a", TEXT, "sheriff")], [span("b", TEXT, "sheriff", "Age")]
    assert found(checked(texts(one, other), "LD802")) == [("LD802", 2, "")]
    assert found(checked(texts(one, [span("b", TEXT, "sheriff")]), "LD802")) == []


def test_of_shapes_labels_and_numbers_are_compared() -> None:
    def tasks(*others: dict[str, Any]) -> list[dict[str, Any]]:
        return [task(1, image(1), [box("a", 1, 1, 5, 5)]), task(2, image(1), others)]

    assert found(checked(tasks(box("b", 2, 1, 5, 5)), "LD802", config=BOXES)) == []
    assert len(found(checked(tasks(box("b", 1, 1, 5, 5, label="Bus")), "LD802", config=BOXES))) == 1
    assert len(found(checked(tasks(), "LD802", config=BOXES))) == 1


def test_the_same_in_two_splits_is_found() -> None:
    split = Split((("train", 0.5), ("val", 0.5)))
    tasks = texts(*[[]] * 12)
    result = checked(tasks, "LD803", split=split)
    assert 0 < len(result.faults) < 12
    assert "train" in result.faults[0].message()
    assert found(checked(tasks, "LD803")) == [], "there are no splits"
    assert found(checked(tasks, "LD803", split=Split(split.shares, by="text"))) == []


def test_two_annotations_by_one_person_are_found() -> None:
    result = checked([task(1, {"text": TEXT}, [], [], [], by=[7, 8, 7])], "LD902")
    assert found(result) == [("LD902", 1, "")]
    assert result.faults[0].message() == "has several annotations by annotator “7”"


def test_annotators_who_are_not_known_are_not_one_person() -> None:
    assert found(checked([task(1, {"text": TEXT}, [], [], by=[None, None])], "LD902")) == []


def test_a_skipped_annotation_does_not_count() -> None:
    twice = task(1, {"text": TEXT}, [], [], by=[7, 7])
    twice["annotations"][0]["was_cancelled"] = True
    assert found(checked([twice], "LD902")) == []
