"""Regions of one image that disagree about its size: one answer in all formats, and an entry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import projects
from support.projects import box, boxed

from ls_dvc.labels import canonical
from ls_dvc.labels.image_sizes import differing_from, with_other_size
from ls_dvc.labels.selection import select

ENTRY = {
    "task": 1,
    "reason": "size-differs",
    "annotation": 10,
    "region": "r2",
    "detail": "rectanglelabels",
    "written": True,
}


def differing(**fields: Any) -> projects.Raw:
    first = box(10, 20, 30, 40, original_width=200, original_height=100)
    other = box(50, 50, 20, 20, id="r2", original_width=400, original_height=200, **fields)
    return boxed(1, first, other)


@pytest.mark.parametrize("fmt", ["COCO", "YOLO", "YOLO_OBB", "VOC", "JSONL", "PARQUET"])
def test_the_first_region_decides_and_the_others_are_reported(fmt: str) -> None:
    ledger = projects.convert(fmt, [differing()]).ledger
    assert not ledger.entries
    assert [entry.document() for entry in ledger.in_part] == [ENTRY]


def test_all_formats_have_the_same_answer() -> None:
    out = projects.convert("COCO", [differing()])
    boxes = [[20, 20, 60, 40], [100, 50, 40, 20]]
    assert [each["bbox"] for each in out.json()["annotations"]] == boxes
    assert [(each["width"], each["height"]) for each in out.json()["images"]] == [(200, 100)]
    lines = projects.convert("JSONL", [differing()]).text("result.jsonl").splitlines()
    records = [json.loads(line) for line in lines]
    assert [each["bbox_pixels"] for each in records] == boxes
    assert [each["image_width"] for each in records] == [200, 200]


def test_the_first_selected_region_decides_though_another_annotation_has_another_size() -> None:
    old = projects.annotation(box(1, 1, 2, 2, original_width=50, original_height=50))
    new = projects.annotation(box(1, 1, 2, 2, original_width=200, original_height=100), number=19)
    out = projects.convert("COCO", [projects.task(1, old, new)])
    assert [each["width"] for each in out.json()["images"]] == [200]
    assert not out.ledger.in_part


def test_pages_may_have_sizes_of_their_own() -> None:
    pages = {"pages": ["/a.jpg", "/b.jpg"]}
    regions = [
        box(1, 1, 2, 2, item_index=0, original_width=200, original_height=100),
        box(1, 1, 2, 2, item_index=1, original_width=400, original_height=100, id="r2"),
    ]
    for fmt in ("COCO", "JSONL"):
        out = projects.convert(fmt, [boxed(1, *regions, data=pages)], projects.PAGES)
        assert not out.ledger.in_part


def test_a_region_without_a_size_does_not_disagree() -> None:
    quiet = box(1, 1, 2, 2, id="r2", original_width=..., original_height=...)
    assert not projects.convert("COCO", [boxed(1, box(1, 1, 2, 2), quiet)]).ledger.in_part


def test_where_a_size_comes_from_a_file_all_regions_may_differ() -> None:
    same = [box(1, 1, 2, 2, id=name, original_width=200, original_height=100) for name in "ab"]
    selection = select(canonical.task(boxed(1, *same)))
    assert with_other_size(selection, lambda region: "image", {"image": (100, 200)}) == []
    assert differing_from(selection, lambda region: "image", {"image": (100, 200)}) == [0, 1]
    assert differing_from(selection, lambda region: "image", {"image": (200, 100)}) == []
    assert differing_from(selection, lambda region: "image", {"other": (1, 1)}) == []
    assert differing_from(selection, lambda region: None, {"image": (1, 1)}) == []


def test_a_region_without_a_size_does_not_differ_from_a_file() -> None:
    regions = [box(1, 1, 2, 2, original_width=None), box(1, 1, 2, 2, original_height=0), "none"]
    selection = select(canonical.task(boxed(1, *regions)))
    assert differing_from(selection, lambda region: "image", {"image": (1, 1)}) == []
