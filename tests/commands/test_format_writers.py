"""An upgrade of ls-dvc that changes a writer: told everywhere, and never taken for damage."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.traffic import CONFIG, box
from support.workspace import Workspace, make

import ls_dvc
from ls_dvc.demo.label_studio import LocalServer


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]) -> Workspace:
    tasks = [
        {"data": {"image": f"/i/{n}.jpg"}, "annotations": [{"result": [box(n)]}]} for n in (1, 2)
    ]
    project = make_project(label_config=CONFIG, tasks=tasks)
    space = make(tmp_path / "repo", studio.url, studio.api_key, project)
    space.edit(
        "params.yaml", "formats: [JSON, JSON_MIN, CSV, TSV, COCO, YOLO]", "formats: [COCO, CSV]"
    )
    return space


@pytest.fixture
def upgraded(tmp_path: Path) -> dict[str, str]:
    """The environment of a later ls-dvc, whose COCO writer makes other bytes."""
    package = tmp_path / "later" / "ls_dvc"
    shutil.copytree(Path(ls_dvc.__file__).parent, package, ignore=shutil.ignore_patterns("*.pyc"))
    changes = {
        "__init__.py": ('__version__ = "', '__version__ = "9.'),
        "formats/registry.py": ("MappingProxyType({})", 'MappingProxyType({"COCO": 2})'),
        "formats/image/coco_annotations.py": ('"iscrowd"', '"is_crowd"'),
    }
    for name, (old, new) in changes.items():
        text = (package / name).read_text()
        assert old in text
        (package / name).write_text(text.replace(old, new))
    return {"PYTHONPATH": str(package.parent)}


def test_an_upgrade_is_told_and_refresh_makes_the_data_anew(
    space: Workspace, upgraded: dict[str, str]
) -> None:
    space.dvc("repro")
    first, before = space.commit("labels"), space.hashes()
    assert json.loads(space.read("data/dataset/manifest.json"))["formats"]["COCO"]["writer"] == 1
    old, new = ls_dvc.__version__, f"9.{ls_dvc.__version__}"
    assert space.ls("status", "--exit-code").code == 0

    later = Workspace(space.path, {**space.env, **upgraded})
    reason = f"this ls-dvc writes COCO with another version than ls-dvc {old} did"
    assert reason in later.ls("status", "--exit-code", code=10).out
    verified = later.ls("verify").out
    assert f"COCO was made by version 1 of the COCO writer (ls-dvc {old})" in verified
    assert "CSV" not in verified
    assert "all as pinned" in verified
    later.dvc("repro")
    assert space.hashes() == before, "what is pinned stays"

    refreshed = later.ls("refresh").out
    assert f"the same labels, written by ls-dvc {new}" in refreshed
    assert "writer" not in later.ls("verify").out
    changed = {name for name, digest in space.hashes().items() if before.get(name) != digest}
    assert changed == {"data/dataset/manifest.json", "data/dataset/COCO/result.json"}
    assert later.ls("status", "--exit-code").out.startswith("as pinned")
    assert later.ls("refresh").out.startswith("no labels changed")

    space.git("checkout", "-q", first)
    later.dvc("repro")
    assert space.hashes() == before, "DVC's cache has it as it was"


def test_data_that_only_the_older_one_can_make_is_not_made_otherwise(
    space: Workspace, upgraded: dict[str, str]
) -> None:
    space.dvc("repro")
    before = space.hashes()
    space.commit("labels")
    space.forget()
    later = Workspace(space.path, {**space.env, **upgraded})
    told = later.dvc("repro", code=None)
    assert told.code != 0
    assert f"labels.lock was pinned with ls-dvc {ls_dvc.__version__}" in told.told
    assert "has version 1 of its COCO writer" in told.told
    assert not (space.path / "data/dataset/COCO").exists()
    space.dvc("repro")
    assert space.hashes() == before


def test_a_pin_of_an_ls_dvc_that_noted_no_writers(space: Workspace) -> None:
    space.dvc("repro")
    text = space.read("labels.lock")
    lines, noted = text.splitlines(keepends=True), ("ls_dvc:", "writers:")
    kept = [line for line in lines if not line.startswith(noted)]
    (space.path / "labels.lock").write_text("".join(kept))
    assert "an older ls-dvc did" in space.ls("status", "--exit-code", code=10).out
    space.ls("convert")
    assert space.ls("update").out.startswith("no labels changed")
    assert space.read("labels.lock") == text
