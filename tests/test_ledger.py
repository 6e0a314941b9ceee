"""Whatever a server sends: every task and every region is written or listed, and nothing raises."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import projects
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import Raw, annotation, box, boxed, task

from ls_dvc import canonical
from ls_dvc.errors import BugError
from ls_dvc.formats import FORMATS
from ls_dvc.ledger import Ledger
from ls_dvc.select import choose

CONFIGS = (projects.SHAPES, projects.PAIRS, projects.PAGES, projects.TWO_VIEWS)
NOT_TOO_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@settings(max_examples=300, deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports(), config=st.sampled_from(CONFIGS))
def test_the_account_adds_up(raw: list[Raw], config: str) -> None:
    canon = [canonical.task(each) for each in raw]
    everything = sum(len(each["result"]) for one in canon for each in one["annotations"])
    for name in FORMATS:
        out = projects.convert(name, raw, config)
        totals = out.ledger.totals()
        assert totals["tasks"] == len(raw)
        assert totals["regions"] == everything
        assert totals["tasks"] == totals["tasks_written"] + sum(totals["tasks_dropped"].values())
        assert totals["regions"] == totals["regions_written"] + sum(
            totals["regions_dropped"].values()
        )
        for content in out.files.values():
            content.decode()  # UTF-8, whatever came in


@settings(max_examples=200, deadline=None, suppress_health_check=NOT_TOO_SLOW)
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
    table = list(csv.DictReader(io.StringIO(yolo.text("images.csv"), newline="")))
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


def rows_of(name: str, out: projects.Output) -> int:
    if name == "JSON_MIN":
        return len(out.json())
    text = out.text("result.csv" if name == "CSV" else "result.tsv")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if name == "CSV" else "\t"))
    assert len({len(each) for each in rows}) == 1, "rows of different lengths"
    assert len(set(rows[0])) == len(rows[0]), "two columns of one name"
    return len(rows) - 1


@settings(max_examples=100, deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports())
def test_json_keeps_everything(raw: list[Raw]) -> None:
    out = projects.convert("JSON", raw)
    canon = sorted((canonical.task(each) for each in raw), key=lambda each: each["id"])
    assert [canonical.line(each) for each in out.json()] == [canonical.line(each) for each in canon]
    assert out.ledger.drops == []


def test_every_state_of_a_task_has_its_own_reason() -> None:
    """ "Reviewed and empty" and "never labeled" look the same in the SDK's converter."""
    raw = [task(1), task(2, annotation(was_cancelled=True)), boxed(3), boxed(4, box(1, 1, 2, 2))]
    for name in set(FORMATS) - {"JSON"}:
        out = projects.convert(name, raw)
        assert out.reasons == [(1, None, "unlabeled"), (2, None, "skipped")]
        assert out.ledger.tasks_written == 2


def test_annotations_that_do_not_count_are_listed() -> None:
    """YOLO of the SDK keeps the oldest annotation, COCO lists the image twice."""
    first, second = box(1, 1, 9, 9, id="old"), box(2, 2, 8, 8, "Dog", id="new")
    skipped = annotation(box(3, 3, 3, 3, id="no"), number=3, was_cancelled=True)
    raw = [task(1, annotation(first, number=1), annotation(second, number=2), skipped)]
    for name in set(FORMATS) - {"JSON"}:
        out = projects.convert(name, raw)
        assert out.reasons == [(1, "old", "other-annotation"), (1, "no", "skipped")]
    assert projects.convert("YOLO", raw).text("labels/00000001-pic1.txt").startswith("1 ")
    assert len(projects.convert("COCO", raw).json()["images"]) == 1


def test_a_format_that_forgets_a_region_is_a_bug() -> None:
    labels = choose(canonical.task(boxed(1, box(1, 1, 2, 2))))
    with pytest.raises(BugError, match="task 1: 1 regions came in, 0 were accounted for"):
        Ledger().record(labels, None, [])


def test_a_count_that_does_not_add_up_is_a_bug() -> None:
    with pytest.raises(BugError, match="2 tasks came in, 1 written and 0 listed"):
        Ledger(tasks=2, tasks_written=1).check()
