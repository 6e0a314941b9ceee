"""Files that people save in data/ are never deleted: commands refuse and name them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.offline import data_set, pin, server
from support.traffic import CONFIG, box, task_ids
from support.workspace import Workspace, make

from ls_dvc.commands import foreign_files
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.server.admin import Admin
from ls_dvc.workspace import open_workspace


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
    assert "  … and 2 more" in refused


# --- what DVC does on its own, with a server that is a dict


REPORTS = ["reports/labels.json", "reports/classes.csv", "reports/ledger.json"]


@pytest.fixture
def offline(tmp_path: Path) -> Workspace:
    space = data_set(tmp_path / "repo")
    pin(space, server(1, 2))
    return space


def put(space: Workspace, name: str, text: str = "mine") -> Path:
    path = space.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refused(space: Workspace, path: Path, *command: str) -> str:
    """What the command says as it leaves the file alone."""
    ran = space.dvc(*command, code=255) if command[0] == "repro" else space.ls(*command, code=1)
    assert f"{path.name}\n" in ran.err or f"{path.name} is no report of ls-dvc" in ran.err
    assert path.read_text() == "mine"
    assert "dvc checkout" not in ran.err, "nothing is lost that could be brought back"
    return ran.err


@pytest.mark.parametrize("folder", ["data/snapshot", "data/dataset"])
def test_the_first_dvc_repro_leaves_a_folder_that_was_there(
    offline: Workspace, folder: str
) -> None:
    mine = put(offline, f"{folder}/mine.txt")
    refused(offline, mine, "repro")
    mine.unlink()
    offline.dvc("repro")
    offline.ls("verify")


def test_no_dvc_repro_deletes_a_file(offline: Workspace) -> None:
    """With a changed setting, with settings that ran before (DVC's run cache), and by force."""
    offline.dvc("repro")
    offline.commit("latest")
    offline.edit("params.yaml", "annotations: latest", "annotations: first")
    offline.dvc("repro")
    for name in ("data/dataset/CSV/mine.txt", "data/snapshot/tasks/mine.txt"):
        mine = put(offline, name)
        offline.git("checkout", "-q", "--", "params.yaml", "dvc.lock")
        for command in (["repro"], ["repro", "-f"]):
            assert mine.name in offline.dvc(*command, code=255).err
            assert mine.read_text() == "mine"
        mine.unlink()
    offline.dvc("repro")
    assert offline.git("status", "--porcelain").out == ""


def test_dvc_checkout_leaves_it(offline: Workspace) -> None:
    offline.dvc("repro")
    offline.commit("two tasks")
    pin(offline, server(1, 2, 3), "2026-02-01T00:00:00Z")
    offline.dvc("repro")
    mine = put(offline, "data/dataset/CSV/mine.txt")
    offline.git("checkout", "-q", "--", ".")
    assert "unsaved files" in offline.dvc("checkout", code=255).told
    assert mine.read_text() == "mine"
    refused(offline, mine, "repro")
    mine.unlink()
    offline.dvc("checkout")
    offline.ls("verify")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_the_user(offline: Workspace, name: str) -> None:
    mine = put(offline, name)
    refused(offline, mine, "repro")
    refused(offline, mine, "convert")
    mine.unlink()
    offline.dvc("repro")
    mine.write_text("mine")
    refused(offline, mine, "repro")


@pytest.mark.parametrize(
    "name", ["data/snapshot/a", "data/media/ab/cat.jpg", "data/dataset/a", "reports/labels.json"]
)
def test_refresh_looks_before_anything_happens(offline: Workspace, name: str) -> None:
    offline.commit("scaffold")
    refused(offline, put(offline, name), "refresh")


def test_media_are_known_by_their_names(offline: Workspace) -> None:
    hexadecimal = "0123456789abcdef" * 2
    for name in (hexadecimal[2:] + ".jpg", hexadecimal[2:], "x.cache", ".DS_Store"):
        put(offline, f"data/media/01/{name}")
    put(offline, "data/media/0000000100.tar")
    foreign_files.require_none_in_media(open_workspace(offline.path))
    strange = ["01/cat.jpg", "01/b/c.jpg", "100.tar", f"{hexadecimal}.jpg"]
    for name in strange:
        put(offline, f"data/media/{name}")
    with pytest.raises(LsDvcError) as caught:
        foreign_files.require_none_in_media(open_workspace(offline.path))
    assert str(caught.value).splitlines()[1:] == [f"  {name}" for name in sorted(strange)]


def test_reports_in_a_merge_conflict_are_known(offline: Workspace) -> None:
    offline.dvc("repro")
    lines = offline.read("reports/labels.json").splitlines(keepends=True)
    put(offline, "reports/labels.json", "".join([*lines[:1], "<<<<<<< HEAD\n", *lines[1:]]))
    offline.dvc("repro")
    offline.ls("verify")


def test_a_file_in_place_of_a_deleted_one(offline: Workspace) -> None:
    """Counting is not enough; each source of names says which file it is."""
    offline.dvc("repro")
    (offline.path / "data/dataset/CSV/result.csv").unlink()
    mine = put(offline, "data/dataset/CSV/mine.txt")
    assert "manifest.json" not in refused(offline, mine, "convert")
    shutil.rmtree(offline.path / ".dvc/tmp/ls-dvc/written")
    assert "manifest.json" not in refused(offline, mine, "convert"), "DVC's listing"
    shutil.rmtree(offline.path / ".dvc/cache")
    refused(offline, mine, "convert")
    mine.unlink()


def test_without_any_list_a_whole_data_set_is_known_by_its_bytes(offline: Workspace) -> None:
    offline.dvc("repro")
    for folder in (".dvc/tmp/ls-dvc/written", ".dvc/cache"):
        shutil.rmtree(offline.path / folder)
    (offline.path / "data/dataset/CSV/training.cache").write_text("")
    offline.ls("convert")
    shutil.rmtree(offline.path / ".dvc/tmp/ls-dvc/written")
    refused(offline, put(offline, "data/dataset/mine.txt"), "convert")


def test_a_list_that_cannot_be_asked_for_is_no_empty_one(offline: Workspace) -> None:
    offline.dvc("repro")
    (offline.path / ".dvc/config").write_text(
        "[core]\n    remote = web\n['remote \"web\"']\n    url = http://127.0.0.1:9/store\n"
    )
    for folder in (".dvc/tmp/ls-dvc/written", ".dvc/cache"):
        shutil.rmtree(offline.path / folder)
    mine = put(offline, "data/dataset/mine.txt")
    err = offline.ls("convert", code=1).err
    assert "data/dataset has files that ls-dvc may not have written" in err
    assert "DVC's remote cannot be asked" in err
    assert mine.read_text()


def test_another_version_than_that_of_dvc_lock_is_known(offline: Workspace) -> None:
    """After `git checkout`, and in a clone that did not make the data itself."""
    offline.dvc("repro")
    offline.commit("two tasks")
    pin(offline, server(1, 2, 3), "2026-02-01T00:00:00Z")
    offline.dvc("repro")
    offline.commit("three tasks")
    offline.git("checkout", "-q", "HEAD^")
    mine = put(offline, "data/dataset/CSV/mine.txt")
    offline.dvc("repro", "export")
    shutil.rmtree(offline.path / ".dvc/tmp/ls-dvc/written")
    assert "result.csv" not in refused(offline, mine, "convert")
    mine.unlink()
    offline.dvc("repro")
    offline.ls("verify")


# --- links


def test_a_symlinked_data_folder_keeps_what_is_in_it(offline: Workspace) -> None:
    outside = offline.path.parent / "outside"
    shutil.rmtree(offline.path / "data")
    (offline.path / "data").symlink_to("../outside")
    for name in ("snapshot/mine.txt", "dataset/mine.txt", "mine.txt"):
        put(offline, f"../outside/{name}")
    refused(offline, outside / "snapshot/mine.txt", "repro")
    (outside / "snapshot/mine.txt").unlink()
    offline.ls("export")
    refused(offline, outside / "dataset/mine.txt", "convert")
    (outside / "dataset/mine.txt").unlink()
    offline.ls("convert")
    assert (outside / "mine.txt").read_text() == "mine"
    assert (offline.path / "data").is_symlink()
    assert (outside / "dataset/CSV/result.csv").is_file()


@pytest.mark.parametrize("name", ["snapshot", "dataset"])
def test_a_folder_that_is_a_link(offline: Workspace, name: str) -> None:
    mine = put(offline, "../outside/mine.txt")
    (offline.path / "data" / name).symlink_to("../../outside")
    assert f"data/{name} is a link or a file" in offline.dvc("repro", code=255).err
    assert (offline.path / "data" / name).is_symlink()
    assert mine.read_text() == "mine"


def test_links_in_a_data_set(offline: Workspace) -> None:
    offline.dvc("repro")
    mine = put(offline, "../pictures/1.jpg")
    link = offline.path / "data/dataset/CSV/images"
    link.symlink_to("../../../../pictures")
    assert "  CSV/images\n" in offline.ls("convert", code=1).err
    assert link.is_symlink()
    assert mine.read_text() == "mine"


# --- stages that let DVC clear their outs


def test_stages_that_were_brought_up_to_date_run_no_more_than_before(offline: Workspace) -> None:
    text = offline.read("dvc.yaml")
    put(offline, "dvc.yaml", re.sub(r":?\n +persist: true", "", text))
    offline.dvc("repro")
    before = offline.read("dvc.lock")
    offline.ls("init")
    assert yaml_files.parse(offline.read("dvc.yaml"), "new") == yaml_files.parse(text, "old")
    assert "up to date" in offline.dvc("status").out
    offline.dvc("repro", "-f")
    assert offline.read("dvc.lock") == before


def test_a_part_of_the_folder_that_a_killed_run_left_is_no_hindrance(space: Workspace) -> None:
    for name in ("data/dataset/manifest.json", "data/snapshot/manifest.json"):
        (space.path / name).unlink()
    space.ls("export")
    space.ls("convert")
    space.ls("verify")
