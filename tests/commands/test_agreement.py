"""Pin, settings, dvc.lock, data and reports never disagree unnoticed: `verify` proves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.offline import data_set, pin, server
from support.workspace import Workspace

from ls_dvc.commands import agreement
from ls_dvc.commands.refresh import RefreshOptions, refresh
from ls_dvc.commands.verify import verify
from ls_dvc.io.files import md5
from ls_dvc.pin import lockfile
from ls_dvc.progress import Silent
from ls_dvc.settings import params
from ls_dvc.update import UpdateOptions
from ls_dvc.workspace import open_workspace

LATER = "2026-02-01T00:00:00Z"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    made = data_set(tmp_path)
    pin(made, server(1, 2))
    return made


def unnoticed(space: Workspace) -> str:
    return agreement.unnoticed(
        open_workspace(space.path), lockfile.read(space.path / "labels.lock")
    )


def test_settings_that_are_edited_before_dvc_notes_them(space: Workspace) -> None:
    """DVC then believes for ever that the data is that of the new settings."""
    (space.path / "other").write_text(
        space.read("params.yaml").replace("annotations: latest", "annotations: first")
    )
    space.edit("dvc.yaml", "cmd: ls-dvc convert", "cmd: ls-dvc convert && cp other params.yaml")
    space.dvc("repro")
    space.dvc("status")
    before = space.hashes()
    space.dvc("repro")
    assert space.hashes() == before
    found = space.ls("verify", code=1)
    assert "data/dataset was made with other settings than params.yaml has" in found.out
    assert "dvc repro -f" in found.err
    assert "was made with other settings" in unnoticed(space)
    space.dvc("repro", "-f")
    assert "all as pinned" in space.ls("verify").out
    assert unnoticed(space) == ""


def test_refresh_makes_such_data_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.com")
    space, labels = data_set(tmp_path), server(1, 2)
    pin(space, labels)
    space.dvc("repro")
    wanted = space.hashes()
    manifest = json.loads(space.read("data/dataset/manifest.json"))
    written = json.dumps({**manifest, "settings": "0" * 64})
    (space.path / "data/dataset/manifest.json").unlink()
    (space.path / "data/dataset/manifest.json").write_text(written)
    space.dvc("commit", "-f")
    space.commit("data of other settings")
    assert "was made with other settings" in unnoticed(space)
    workspace = open_workspace(space.path)
    options = UpdateOptions(workspace.params.update)
    refresh(workspace, lambda: labels, options, RefreshOptions(), Silent(), LATER)
    assert space.hashes() == wanted
    assert unnoticed(space) == ""


def test_a_pin_that_is_checked_out_before_dvc_notes_it(space: Workspace) -> None:
    space.dvc("repro")
    (space.path / "first.lock").write_text(space.read("labels.lock"))
    pin(space, server(1, 2, 3), LATER)
    second = space.read("labels.lock")
    (space.path / "second.lock").write_text(second)
    space.edit("dvc.yaml", "cmd: ls-dvc export", "cmd: ls-dvc export && cp first.lock labels.lock")
    space.dvc("repro", "export")
    assert "holds other labels than the pin" in unnoticed(space)
    assert "holds the labels" in space.ls("verify", code=1).out
    failed = space.dvc("repro", code=255).err
    assert "run `dvc repro -f`: DVC takes the snapshot for that of the pin" in failed
    space.dvc("repro", "-f")
    assert "all as pinned" in space.ls("verify").out
    assert space.read("labels.lock") == space.read("first.lock")


def test_every_disagreement_is_found(space: Workspace) -> None:
    space.dvc("repro")

    def problems() -> tuple[str, ...]:
        return verify(open_workspace(space.path)).problems

    assert problems() == ()
    labels = md5(space.path / "reports/labels.json")
    edits = [
        ("reports/labels.json", '"regions": 0', '"regions": 7', "labels.json was changed since"),
        ("reports/classes.csv", "control", "Control", "classes.csv was changed since"),
        ("reports/ledger.json", "{", "{ ", "ledger.json was changed since"),
        ("params.yaml", "formats: [CSV]", "formats: [TSV]", "made with other settings than"),
        ("labels.lock", "CSV: ", "CSV: 7", "version 1 of the CSV writer, the pin names version 71"),
        ("dvc.lock", "annotations: latest", "annotations: first", "another label_studio.annot"),
        (
            "data/dataset/manifest.json",
            '"writer": 1',
            '"writer": 9',
            "CSV was made by version 9",
        ),
        ("data/dataset/CSV/result.csv", "id", "ID", "CSV was changed since"),
        ("data/snapshot/classes.json", "{", "{ ", "was changed since it was exported"),
        ("dvc.lock", labels, labels[::-1], "labels.json is not the one that dvc.lock names"),
    ]
    for name, old, new, words in edits:
        before = space.read(name)
        space.edit(name, old, new)
        found = problems()
        assert any(words in each for each in found), f"{name}: {found}"
        (space.path / name).unlink()
        if name.startswith("reports"):
            assert any("is missing" in each for each in problems())
        (space.path / name).write_text(before)
    space.edit("params.yaml", "project_id: 1", "project_id: 2")
    assert "labels.lock pins project 1, params.yaml asks for 2" in problems()
    space.edit("params.yaml", "project_id: 2", "project_id: 1")
    assert problems() == ()


def test_a_data_set_of_an_earlier_version_is_whole(space: Workspace) -> None:
    space.ls("export")
    space.ls("convert")
    path = space.path / "data/dataset/manifest.json"
    document = json.loads(path.read_text())
    for name in ("settings", "reports"):
        del document[name]
    path.write_text(json.dumps(document))
    told = space.ls("verify").out
    assert "does not name its settings: an earlier ls-dvc made it" in told
    assert "all as pinned" in told


def test_the_digest_of_settings() -> None:
    """It differs for what shapes the data, and does not for two ways to say the same."""
    plain = {"project_id": 1, "formats": ["COCO"]}

    def digest(**more: object) -> str:
        return params.of({**plain, **more}, Path("params.yaml")).converting

    same = [
        {"annotations": "latest"},
        {"annotations": {"policy": "latest", "fallback": True}},
        {"layout": "loose", "gates": {}, "engines": {}},
        {"reports": "elsewhere", "url": "http://other"},
    ]
    other = [
        {"annotations": "first"},
        {"engines": {"COCO": "server"}},
        {"filter": {"tasks": "labeled"}},
        {"formats": ["YOLO"]},
        {"gates": {"min_tasks": 1}},
        {"keypoints": {"object": "image"}},
        {"layout": "tar"},
        {"split": {"train": 0.5, "val": 0.5}},
    ]
    assert {name for each in other for name in each} == set(params.CONVERTING)
    assert {digest(**each) for each in same} == {digest()}
    assert len({digest(), *(digest(**each) for each in other)}) == len(other) + 1
