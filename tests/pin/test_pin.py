"""What follows from a pin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.pins import PIN

from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, ServerConversion

BULK = ExportSnapshot(0, "bulk", "5" * 32, 2)
ADOPTED = ExportSnapshot(7, "adopted", "5" * 32, 2)


def test_an_update_removes_only_the_export_snapshots_that_it_made() -> None:
    assert [each.is_ours for each in (*PIN.snapshots, ADOPTED, BULK)] == [True, True, False, False]


def test_what_the_server_can_give_again() -> None:
    assert PIN.is_repeatable
    assert PIN.snapshot_ids == (41, 57)
    bulk = replace(PIN, snapshots=(BULK,))
    assert not bulk.is_repeatable
    assert bulk.snapshot_ids == ()


def test_a_task_has_an_address() -> None:
    assert PIN.link(3) == "https://ls.example.com/projects/42/data?task=3"


def test_formats_of_the_server_are_compared_with_the_wanted_ones() -> None:
    failed = replace(PIN, converted=(ServerConversion("COCO", why="failed"),))
    assert PIN.has_converted({})
    assert not PIN.has_converted({"COCO": True})
    assert failed.has_converted({"COCO": True})
    assert not failed.has_converted({"COCO": False})
    assert replace(PIN, converted=(ServerConversion("COCO", "a" * 64),)).has_converted(
        {"COCO": False}
    )


def test_a_pin_is_required(tmp_path: Path) -> None:
    path = tmp_path / lockfile.NAME
    path.write_text(lockfile.EMPTY)
    with pytest.raises(LsDvcError, match="no labels are pinned"):
        lockfile.require(path)
    lockfile.write(path, PIN)
    assert lockfile.require(path) == PIN
