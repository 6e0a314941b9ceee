"""Of an annotator nothing is kept but a number."""

from __future__ import annotations

from typing import Any

import pytest

from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical

MAIL = "someone@example.com"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (7, 7),
        ("7", 7),
        ({"id": 7, "email": MAIL}, 7),
        ({"id": "7", "email": MAIL}, 7),
        ({"id": {"id": 7, "email": MAIL}}, 7),
        ({"email": MAIL}, None),
        ({"id": MAIL}, None),
        (MAIL, None),
        ([MAIL], None),
        ("9" * 30, None),
        ("٧", None),
    ],
)
def test_an_annotator_is_a_number(sent: Any, kept: Any) -> None:
    raw = {"id": 1, "annotations": [{"id": 2, "completed_by": sent, "result": []}]}
    task = canonical.task(raw)
    assert task["annotations"] == [{"id": 2, "completed_by": kept, "result": []}]
    assert MAIL not in canonical_json.text(task)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        (None, ""),
        (7, '"completed_by":7,'),
        (7.5, '"completed_by":7.5,'),
        ({"id": 7}, '"completed_by":7,'),
        ({}, '"completed_by":null,'),
    ],
)
def test_the_bytes_of_pinned_labels_stay(sent: Any, written: str) -> None:
    annotation = {"id": 2, "completed_by": sent}
    text = canonical_json.text(canonical.task({"id": 1, "annotations": [annotation]}))
    assert text == f'{{"annotations":[{{{written}"id":2,"result":[]}}],"id":1,"predictions":[]}}'
