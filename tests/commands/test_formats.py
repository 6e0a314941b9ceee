"""`formats` tries the labels that are pinned; `convert` says why regions were left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import history
from support.projects import SHAPES, box, boxed, choice
from support.workspace import Workspace

from ls_dvc.commands import formats
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin, Probe
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.workspace import open_workspace

OUTSIDE = box(200, 200, 10, 10, id="far")


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Three tasks in data/snapshot: six boxes, one of them outside the image, and two choices."""
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "params.yaml").write_text(
        "label_studio: {url: 'http://127.0.0.1:9', project_id: 1, formats: [JSON, YOLO]}\n"
    )
    raw = [
        boxed(1, box(1, 1, 5, 5), OUTSIDE, choice("Sun", id="c")),
        boxed(2, box(1, 1, 5, 5), box(2, 2, 5, 5, id="r2"), choice("Sun", id="c")),
        boxed(1003, box(1, 1, 5, 5), box(2, 2, 5, 5, id="r2")),
    ]
    history.snapshot(tmp_path / "data" / "snapshot", raw)
    return Workspace(tmp_path)


def pin(space: Workspace) -> None:
    folder = snapshot_folder.read(space.path / "data" / "snapshot")
    probe = Probe(3, 3, 0, "2026-03-01T10:00:00Z", "0" * 64, "0" * 64)
    pinned = Pin(
        folder.fingerprint, 1, "A", "http://127.0.0.1:9", 3, 3, SHAPES, (), probe, folder.classes()
    )
    lockfile.write(space.path / lockfile.NAME, pinned)


def test_the_pinned_labels_are_tried(space: Workspace) -> None:
    pin(space)
    text = space.ls("formats").out
    assert "\nwritten of all 3 pinned tasks\n" in text
    assert re.search(r"^  JSON +8 of 8 regions$", text, re.MULTILINE)
    reasons = "2 unsupported-type, 1 outside-image"
    assert re.search(rf"^  YOLO +5 of 8 regions  {reasons}$", text, re.MULTILINE)
    assert f"  YOLO  5 of 8 regions  {reasons}\n" in space.ls("formats", "YOLO").out
    trial = json.loads(space.ls("formats", "--json").out)["trial"]
    assert (trial["tasks"], trial["all_tasks"]) == (3, 3)
    assert trial["formats"]["YOLO"] == {
        "regions": 8,
        "regions_written": 5,
        "reasons": {"unsupported-type": 2, "outside-image": 1},
    }
    assert "CONLL2003" not in trial["formats"], "it has no use for images"


def test_only_the_first_tasks_are_tried(space: Workspace) -> None:
    pin(space)
    run = formats.try_formats(open_workspace(space.path), most_tasks=2)
    assert run is not None
    assert (run.tasks, run.all_tasks) == (2, 3)
    assert (run.formats["JSON"].regions, run.formats["YOLO"].regions_written) == (6, 3)


def test_the_settings_select_what_is_tried(space: Workspace) -> None:
    pin(space)
    space.edit("params.yaml", "}", ", filter: {labels: {drop: [Sun]}}, split: {train: 1}}")
    trial = json.loads(space.ls("formats", "--json").out)["trial"]
    assert trial["formats"]["YOLO"]["reasons"] == {"filtered": 2, "outside-image": 1}


def test_labels_that_are_not_available_are_not_tried(space: Workspace) -> None:
    pin(space)
    manifest = space.path / "data" / "snapshot" / "manifest.json"
    manifest.unlink()
    assert json.loads(space.ls("formats", "--json").out)["trial"] is None
    assert "pinned tasks" not in space.ls("formats").out


def test_convert_says_why_regions_were_left_out(space: Workspace) -> None:
    lines = space.ls("convert").out.splitlines()
    assert lines == [
        "JSON: 3 of 3 tasks, 8 of 8 regions",
        "YOLO: 3 of 3 tasks, 5 of 8 regions; left out: 2 unsupported-type, 1 outside-image "
        "(reports/ledger.json)",
    ]


def test_only_the_commonest_reasons_are_named(space: Workspace) -> None:
    space.edit("params.yaml", "}", ", filter: {labels: {drop: [Dog]}}}")
    snapshot = space.path / "data" / "snapshot"
    space.run("rm", "-r", str(snapshot))
    raw = [
        boxed(
            1,
            box(1, 1, 5, 5, id="inside"),
            box(1, 1, 5, 5, "Dog", id="dog"),
            OUTSIDE,
            *(choice("Sun", id=f"c{number}") for number in range(3)),
            *({**OUTSIDE, "id": f"o{number}"} for number in range(2)),
        )
    ]
    history.snapshot(snapshot, raw)
    last = space.ls("convert").out.splitlines()[-1]
    assert last.endswith(
        "left out: 3 outside-image, 3 unsupported-type, 1 for other reasons (reports/ledger.json)"
    )
