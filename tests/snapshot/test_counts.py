"""Counts of a snapshot folder: of nothing, added up, and read back from a manifest."""

from __future__ import annotations

from typing import Any

import pytest

from ls_dvc.labels import canonical
from ls_dvc.snapshot.counts import SnapshotCounts
from ls_dvc.snapshot.manifest import ManifestEntry, manifest_entry

REGION = {"from_name": "kind", "to_name": "text", "type": "choices", "value": {"choices": ["A"]}}
TASK = {
    "id": 3,
    "data": {"text": "t"},
    "annotations": [
        {"id": 1, "completed_by": 7, "result": [REGION]},
        {"id": 2, "completed_by": 8, "result": [], "was_cancelled": True},
    ],
    "predictions": [{"id": 4, "model_version": "m", "result": [REGION], "created_at": "2026"}],
}
COUNTS = SnapshotCounts.of([canonical.task(TASK)])


def test_nothing_counts_nothing() -> None:
    assert SnapshotCounts() == SnapshotCounts.of([]) == SnapshotCounts.sum([])
    assert SnapshotCounts.sum([SnapshotCounts(), COUNTS]) == COUNTS


def test_what_is_counted() -> None:
    assert (
        SnapshotCounts(
            tasks=1,
            annotations=1,
            predictions=1,
            labels={"kind": {"A": 1}},
            annotators={"7": 1},
            columns={"text": 1},
            controls=("kind",),
            predicted=("kind",),
            skipped=1,
            models={"m": 1},
            predicted_at="2026",
        )
        == COUNTS
    )


def test_an_entry_of_a_manifest_reads_back() -> None:
    entry = ManifestEntry("a" * 64, COUNTS)
    assert manifest_entry(entry.document()) == entry


@pytest.mark.parametrize(
    "other",
    [
        {"sha256": "x"},
        {"tasks": -1},
        {"tasks": "1"},
        {"columns": {"text": None}},
        {"labels": {"kind": 3}},
        {"controls": "kind"},
        {"controls": [3]},
        {"predicted_at": 2026},
        {"counted": 3},
    ],
)
def test_an_entry_of_another_form_is_none(other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        manifest_entry({**ManifestEntry("a" * 64, COUNTS).document(), **other})
