"""Files that people save in data/ are never deleted: commands refuse and name them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.traffic import CONFIG, box, task_ids
from support.workspace import Workspace, make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    tasks = [
        {"data": {"image": f"/x/{n}.jpg"}, "annotations": [{"result": [box(n)]}]} for n in range(3)
    ]
    return make_project(label_config=CONFIG, tasks=tasks)


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, project: int) -> Workspace:
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "YOLO")
    space.dvc("repro")
    space.commit("labels")
    return space


def test_42_images_saved_where_data_yaml_says_stay(
    space: Workspace, project: int, admin: Admin
) -> None:
    """ultralytics/ultralytics#18323, treeverse/dvc#1786; what trainers write does not count."""
    images = space.path / "data/dataset/YOLO/images"
    images.mkdir()
    for name in ("0.jpg", "1.jpg", "2.jpg"):
        (images / name).write_bytes(b"pixels")
    (space.path / "data/dataset/YOLO/labels.cache").write_bytes(b"")
    admin.create_annotation(task_ids(admin, project)[0], [box(40, "Person")])
    pinned = space.read("labels.lock")
    for command in ("refresh", "convert"):
        refused = space.ls(command, code=1).err
        assert "data/dataset has files that ls-dvc did not write and would delete:" in refused
        assert [f"  YOLO/images/{n}.jpg" in refused for n in range(4)] == [True] * 3 + [False]
        assert "labels.cache" not in refused
    assert sorted(path.name for path in images.iterdir()) == ["0.jpg", "1.jpg", "2.jpg"]
    assert space.read("labels.lock") == pinned

    shutil.move(images, space.path / "images")
    assert "1 task" in space.ls("refresh").out
    assert not (space.path / "data/dataset/YOLO/labels.cache").exists()


@pytest.mark.parametrize(
    ("command", "name"),
    [("export", "data/snapshot/notes.txt"), ("convert", "data/dataset/notes.txt")],
)
def test_a_file_next_to_what_the_manifest_names(space: Workspace, command: str, name: str) -> None:
    (space.path / name).write_text("mine")
    assert "  notes.txt" in space.ls(command, code=1).err
    assert space.read(name) == "mine"


def test_more_than_ten_files(space: Workspace) -> None:
    for number in range(12):
        (space.path / f"data/dataset/YOLO/labels/mine-{number:02}.txt").write_text("")
    refused = space.ls("convert", code=1).err
    assert "mine-09.txt" in refused
    assert "mine-10.txt" not in refused
    assert "  …" in refused


def test_a_part_of_the_folder_that_a_killed_run_left_is_no_hindrance(space: Workspace) -> None:
    for name in ("data/dataset/manifest.json", "data/snapshot/manifest.json"):
        (space.path / name).unlink()
    space.ls("export")
    space.ls("convert")
    space.ls("verify")
