"""What is found: by id, class, file name, annotator, reason, state and split, all at once."""

from __future__ import annotations

import pytest
from support import changed_labels

from ls_dvc.browse.byte_ranges import wanted_part
from ls_dvc.browse.task_index import Query, TaskIndex, index_entry
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.policy import Policy, Split

CONFIG = label_config.parse(changed_labels.CONFIG, "test")
POLICY = Policy(split=Split((("train", 0.5), ("val", 0.5))))


@pytest.fixture(scope="module")
def index() -> TaskIndex:
    made = TaskIndex()
    for number, task in sorted(changed_labels.after().items()):
        reasons = ["other-annotation · COCO"] if number == 3 else []
        raw = canonical.task({"id": number, **task})
        made.add([index_entry(raw, CONFIG, POLICY, reasons)])
    return made


def found(index: TaskIndex, words: str, **chosen: str) -> list[int]:
    return list(index.find(Query.of({"q": words, **chosen})))


@pytest.mark.parametrize(
    ("words", "tasks"),
    [
        ("", [1, 2, 3, 4, 5, 7, 20, 30, 40]),
        ("30", [30]),
        ("#7", [7]),
        ("street-04", [4]),
        ("STREET-0 bicycle", [2, 3]),
        ("user 9", [5, 7]),
        ("user 99", []),
        ("user", [1, 2, 3, 4, 5, 7, 20, 30, 40]),
        ("other-annotation", [3]),
        ("coco", [3]),
        ("call.wav ben", [30]),
        ('"anna schmidt"', [20, 40]),
        ('"schmidt anna"', []),
        ("schmidt anna", [20, 40]),
        ("<script>", [40]),
        (") (", []),
    ],
)
def test_words(index: TaskIndex, words: str, tasks: list[int]) -> None:
    assert found(index, words) == tasks


def test_facets_narrow_and_are_exact(index: TaskIndex) -> None:
    assert found(index, "", label="Wheel") == [3]
    assert found(index, "", label="Whee") == []
    assert found(index, "", annotator="9", label="Car") == [5, 7]
    splits = [found(index, "", split=each) for each in ("train", "val")]
    assert sorted(splits[0] + splits[1]) == found(index, "")
    assert all(splits)
    assert found(index, "", state="skipped") == []


def test_counts_of_facets(index: TaskIndex) -> None:
    facets = index.facets()
    for name, values in facets.items():
        for value, size in values:
            assert len(found(index, "", **{name: value})) == size
    assert dict(facets["state"]) == {"labeled": 9}


def test_what_is_added_is_found_at_once() -> None:
    index = TaskIndex()
    assert found(index, "a") == []
    for number in (5, 9):
        task = canonical.task({"id": number, "data": {"text": f"A {number}"}, "annotations": []})
        index.add([index_entry(task, CONFIG, Policy(), [])])
        assert found(index, "a")[-1] == number
    assert found(index, "a", state="unlabeled") == [5, 9]


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", (0, 10)),
        ("bytes=0-", (0, 10)),
        ("bytes=2-4", (2, 5)),
        ("bytes=8-99", (8, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes=10-", None),
        ("bytes=5-4", None),
        ("bytes=-0", None),
        ("bytes=-", (0, 10)),
        ("bytes=0-1,3-4", (0, 10)),
        ("bytes=" + "9" * 40 + "-", (0, 10)),
        ("pages=1-2", (0, 10)),
    ],
)
def test_ranges(header: str, part: tuple[int, int] | None) -> None:
    assert wanted_part(header, 10) == part
