"""Whatever a server sends: every task and every region is written or listed, and nothing raises."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, relation, task

from ls_dvc.convert.ledger import Ledger
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.selection import select

CONFIGS = (projects.SHAPES, projects.PAIRS, projects.PAGES, projects.TWO_VIEWS)
BINARY = (".npy", ".png", ".parquet")
NOT_TOO_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@settings(max_examples=examples(300), deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports(), config=st.sampled_from(CONFIGS))
def test_the_account_adds_up(raw: list[Raw], config: str) -> None:
    canon = [canonical.task(each) for each in raw]
    everything = sum(len(each["result"]) for one in canon for each in one["annotations"])
    for name in FORMATS:
        try:
            out = projects.convert(name, raw, config)
        except LsDvcError:  # the format has no use for such a project
            continue
        totals = out.ledger.totals()
        assert totals["tasks"] == len(raw)
        assert totals["regions"] == everything
        assert totals["tasks"] == totals["tasks_written"] + sum(totals["tasks_dropped"].values())
        assert totals["regions"] == totals["regions_written"] + sum(
            totals["regions_dropped"].values()
        )
        for path, content in out.files.items():
            if not path.endswith(BINARY):
                content.decode()  # UTF-8, whatever came in


@settings(max_examples=examples(200), deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports(), config=st.sampled_from(CONFIGS))
def test_what_is_counted_as_written_is_there(raw: list[Raw], config: str) -> None:
    """The other way round: counted from the files, not from the ledger."""
    coco = projects.convert("COCO", raw, config)
    document = json.loads(coco.files["result.json"], parse_constant=no_constant)
    written = {each["task"] for each in document["images"]}
    assert len(written) == coco.ledger.tasks_written
    assert written.isdisjoint(task for task, region, _ in coco.reasons if region is None)
    ids = {each["id"] for each in document["images"]}
    assert len(ids) == len(document["images"])
    assert {each["image_id"] for each in document["annotations"]} <= ids
    assert len(document["annotations"]) >= coco.ledger.regions_written / 2  # pairs count twice
    assert all(each["bbox"][2] >= 0 <= each["bbox"][3] for each in document["annotations"])

    yolo = projects.convert("YOLO", raw, config)
    table = list(csv.DictReader(io.StringIO(readable(yolo.text("images.csv")), newline="")))
    assert {f"{each['labels']}" for each in table} == {p for p in yolo.files if "/" in p}
    assert len({each["task"] for each in table}) == yolo.ledger.tasks_written
    for path in (each for each in yolo.files if "/" in each):
        for line in yolo.text(path).splitlines():
            numbers = [float(each) for each in line.split()[1:]]
            assert all(0 <= each <= 1 for each in numbers)
            assert len(numbers) == 4 or (len(numbers) >= 6 and len(numbers) % 2 == 0)

    for name in projects.ROWS:
        out = projects.convert(name, raw, config)
        assert rows_of(name, out) == out.ledger.tasks_written


def readable(text: str) -> str:
    """Python 3.10's csv reads no NUL, which a strategy may well have made."""
    return text.replace("\0", "0")


def rows_of(name: str, out: projects.Output) -> int:
    if name == "JSON_MIN":
        return len(out.json())
    text = readable(out.text("result.csv" if name == "CSV" else "result.tsv"))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if name == "CSV" else "\t"))
    assert len({len(each) for each in rows}) == 1, "rows of different lengths"
    assert len(set(rows[0])) == len(rows[0]), "two columns of one name"
    return len(rows) - 1


@settings(max_examples=examples(100), deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports())
def test_json_keeps_everything(raw: list[Raw]) -> None:
    out = projects.convert("JSON", raw)
    canon = sorted((canonical.task(each) for each in raw), key=lambda each: each["id"])
    assert [canonical_json.line(each) for each in out.json()] == [
        canonical_json.line(each) for each in canon
    ]
    assert out.ledger.entries == []


def test_every_state_of_a_task_has_its_own_reason() -> None:
    """ "Reviewed and empty" and "never labeled" look the same in the SDK's converter."""
    raw = [task(1), task(2, annotation(was_cancelled=True)), boxed(3), boxed(4, box(1, 1, 2, 2))]
    for name in (*projects.BOXES, *projects.FLAT):
        out = projects.convert(name, raw)
        assert out.reasons == [(1, None, "unlabeled"), (2, None, "skipped")]
        assert out.ledger.tasks_written == 2


def test_annotations_that_do_not_count_are_listed() -> None:
    """YOLO of the SDK keeps the oldest annotation, COCO lists the image twice."""
    first, second = box(1, 1, 9, 9, id="old"), box(2, 2, 8, 8, "Dog", id="new")
    skipped = annotation(box(3, 3, 3, 3, id="no"), number=3, was_cancelled=True)
    raw = [task(1, annotation(first, number=1), annotation(second, number=2), skipped)]
    for name in (*projects.BOXES, *projects.FLAT):
        out = projects.convert(name, raw)
        assert out.reasons == [(1, "old", "other-annotation"), (1, "no", "skipped")]
    assert projects.convert("YOLO", raw).text("labels/00000001-pic1.txt").startswith("1 ")
    assert len(projects.convert("COCO", raw).json()["images"]) == 1


def test_relations_are_listed_by_every_format_that_has_no_place_for_them() -> None:
    """All formats of the SDK's converter but JSON drop them without a word."""
    raw = [boxed(1, box(1, 1, 2, 2), box(3, 3, 2, 2, id="r2"), relation("r1", "r2"))]
    for name in projects.BOXES:
        out = projects.convert(name, raw)
        assert out.reasons == [(1, "#2", "relation")]
        assert out.ledger.entries[0].document()["detail"] == "relation"
    assert projects.convert("JSON", raw).ledger.entries == []


def test_predictions_are_labels_of_nobody() -> None:
    """They are no task's labels in any format; JSON has them as what they are."""
    guess = [{"id": 1, "result": [box(1, 1, 2, 2, id="guess"), choice("Rain", id="too")]}]
    guessed, bare = [boxed(1, box(5, 5, 5, 5), predictions=guess)], [boxed(1, box(5, 5, 5, 5))]
    for name in (*projects.BOXES, *projects.FLAT):
        assert projects.convert(name, guessed).files == projects.convert(name, bare).files
        assert projects.convert(name, [task(1, predictions=guess)]).reasons == [
            (1, None, "unlabeled")
        ]
    assert b'"guess"' in projects.convert("JSON", guessed).files["result.json"]


BAD_TASKS = [
    boxed(1, box(1, 1, 2, 2), data={"image": None}),
    boxed(1, box(1, 1, 2, 2), data={}),
    boxed(1, box(1, 1, 2, 2), data=None),
    boxed(1, box(1, 1, 2, 2), data={"image": "a.jpg", "big": 2**63}),
    boxed(1, box(1, 1, 2, 2), data={"image": "a.jpg", "half": "\ud800"}),
    boxed(1, box(2**63, 1, 2, 2)),
    boxed(1, box(1, 1, 2, 2), data={"image": f"s3://b/{'x' * 300}.jpg"}),
    task(1, annotation(box(1, 1, 2, 2), created_at=None)),
    task(1, annotation(box(1, 1, 2, 2), created_at=None), annotation(box(1, 1, 2, 2), number=11)),
    task(1, annotation(result=None)),
]


@pytest.mark.parametrize("bad", BAD_TASKS)
@pytest.mark.parametrize("name", ["JSON", *projects.BOXES, *projects.FLAT])
def test_one_bad_task_leaves_the_others_alone(name: str, bad: Raw) -> None:
    """It aborts the whole export of the SDK's converter, and leaves half of a file."""
    good = boxed(2, box(10, 20, 30, 40, "Dog"))
    with_it, alone = projects.convert(name, [bad, good]), projects.convert(name, [good])
    assert with_it.ledger.tasks == 2
    assert all(each.task == 1 for each in with_it.ledger.entries)
    assert of_task_2(name, with_it) == of_task_2(name, alone) != []


def records(name: str, out: projects.Output) -> list[Any]:
    if name == "JSONL":
        return [json.loads(line) for line in out.text("result.jsonl").splitlines()]
    return pyarrow.parquet.read_table(io.BytesIO(out.files["result.parquet"])).to_pylist()


def of_task_2(name: str, out: projects.Output) -> Any:
    if name.startswith("YOLO"):
        return out.text("labels/00000002-pic2.txt")
    if name == "VOC":
        return out.text("Annotations/00000002-pic2.xml")
    if name == "COCO":
        annotations = out.json()["annotations"]
        return [{**each, "id": 0} for each in annotations if each["image_id"] == 2]
    if name in projects.FLAT:
        return [each for each in records(name, out) if each["task"] == 2]
    if name in ("JSON", "JSON_MIN"):
        return [each for each in out.json() if each["id"] == 2]
    path, delimiter = ("result.csv", ",") if name == "CSV" else ("result.tsv", "\t")
    rows = csv.DictReader(io.StringIO(out.text(path), newline=""), delimiter=delimiter)
    return [{key: each[key] for key in each if each[key]} for each in rows if each["id"] == "2"]


def test_a_format_that_forgets_a_region_is_a_bug() -> None:
    labels = select(canonical.task(boxed(1, box(1, 1, 2, 2))))
    with pytest.raises(BugError, match="task 1: 1 regions were selected, the format has outcomes"):
        Ledger().record(labels, None, [], label_config.parse("<View/>", "it"))


def test_a_count_that_does_not_add_up_is_a_bug() -> None:
    with pytest.raises(BugError, match="of 2 tasks 1 are written and 0 listed"):
        Ledger(tasks=2, tasks_written=1).check()
