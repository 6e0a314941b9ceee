"""An old commit has its old pictures, or refuses, whatever became of the server."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.media_pins import BOX, CONFIG, share
from support.projects import region
from support.workspace import Workspace, make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin

NOWHERE = "http://127.0.0.1:9"


def picture(red: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (640, 480), (red, 0, 0)).save(content, "PNG")
    return content.getvalue()


PICTURES = [picture(red) for red in (10, 20, 30)]


def images(space: Workspace) -> list[bytes]:
    folder = space.path / "data/dataset/COCO/images"
    return sorted(path.read_bytes() for path in folder.iterdir())


def forget(space: Workspace) -> None:
    """As on a machine that has never seen the data; data/snapshot stays."""
    for folder in ("data/media", "data/dataset", ".dvc/cache", ".dvc/tmp"):
        shutil.rmtree(space.path / folder, ignore_errors=True)


@pytest.fixture
def uploads(admin: Admin, make_project: Callable[..., int]) -> tuple[int, list[str]]:
    """A project with a labeled task for each upload; its id, and the addresses."""
    project = make_project(label_config=CONFIG, tasks=[])
    files = {f"{number}.png": content for number, content in enumerate(PICTURES)}
    addresses = list(admin.upload(project, files).values())
    drawn = region("rectanglelabels", BOX, from_name="box", to_name="image", id="r")
    tasks = [{"data": {"image": a}, "annotations": [{"result": [drawn]}]} for a in addresses]
    admin.import_tasks(project, tasks)
    return project, addresses


def test_an_old_commit_has_its_old_pictures_or_refuses(
    tmp_path: Path, studio: LocalServer, admin: Admin, uploads: tuple[int, list[str]]
) -> None:
    project, addresses = uploads
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "COCO", media=True)
    share(space)
    space.dvc("repro")
    assert images(space) == sorted(PICTURES)
    space.commit("first")
    before = space.hashes("data/media", "data/dataset")

    # Nobody here has it any more: the addresses are asked again, and have it still.
    space.dvc("push")
    remote = tmp_path / "remote"
    remote.rename(tmp_path / "away")
    remote.mkdir()
    forget(space)
    space.dvc("repro")
    assert space.hashes("data/media", "data/dataset") == before

    # A picture is replaced behind its address: its old bytes are nowhere.
    name = addresses[0].rpartition("/")[2]
    (on_disk,) = studio.data_dir.rglob(name)
    on_disk.write_bytes(picture(99))
    forget(space)
    failed = space.dvc("repro", code=255)
    assert "1 of 3 media files" in failed.err
    assert f"{addresses[0]} (task" in failed.err
    assert "its address: other bytes than those that were pinned" in failed.err
    assert not (space.path / "data/media").exists()

    # Uploads are deleted: what had arrived before is kept, and the rest is in DVC's remote.
    files = admin.call("GET", f"/api/projects/{project}/file-uploads")
    ids = [each["id"] for each in files]
    admin.call("DELETE", f"/api/projects/{project}/file-uploads", json={"file_upload_ids": ids})
    shutil.rmtree(space.path / ".dvc/tmp")
    failed = space.dvc("repro", code=255)
    assert "3 of 3 media files" in failed.err
    remote.rmdir()
    (tmp_path / "away").rename(remote)

    # A fresh clone, the remote alone, and no server.
    clone = space.clone(tmp_path / "clone")
    share(clone)
    clone.env = {"LABEL_STUDIO_URL": NOWHERE}
    clone.dvc("pull", "data/snapshot")
    clone.dvc("repro")
    assert clone.hashes("data/media", "data/dataset") == before
    assert "all as pinned" in clone.ls("verify").out


def test_a_clone_makes_the_map_again_while_nothing_changed_at_the_addresses(
    tmp_path: Path, studio: LocalServer, uploads: tuple[int, list[str]]
) -> None:
    """Nobody pushed the data of this commit: only the server has it."""
    project, addresses = uploads
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "COCO", media=True)
    space.dvc("repro")
    space.commit("first")
    clone = space.clone(tmp_path / "clone")
    clone.dvc("repro")
    assert clone.hashes("data") == space.hashes("data")
    (on_disk,) = studio.data_dir.rglob(addresses[0].rpartition("/")[2])
    on_disk.write_bytes(picture(99))
    other = space.clone(tmp_path / "other")
    failed = other.dvc("repro", code=255)
    assert "not all of them lead to what they led to when they were pinned" in failed.err
    assert "dvc pull" in failed.err
    assert not (other.path / "data/snapshot/manifest.json").exists()


def test_refresh_pushes_nothing_that_was_written_through(
    tmp_path: Path, studio: LocalServer, uploads: tuple[int, list[str]]
) -> None:
    project, _ = uploads
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "COCO", media=True)
    share(space)
    space.commit("scaffold")
    space.git("init", "-q", "--bare", str(tmp_path / "origin"))
    space.git("remote", "add", "origin", str(tmp_path / "origin"))
    space.git("push", "-q", "-u", "origin", "main")
    space.ls("refresh")
    path = next((space.path / "data/media").rglob("*.png"))
    md5 = path.parent.name + path.stem
    assert path.stat().st_nlink > 2, "DVC's cache is not hardlinked"
    path.chmod(0o644)
    path.write_bytes(picture(99))
    path.chmod(0o444)
    failed = space.ls("refresh", "--push", code=1)
    assert "was changed in place, so nothing is pushed" in failed.err
    assert not (tmp_path / "remote/files/md5" / md5[:2] / md5[2:]).exists()
    assert "Labels of" not in space.git("log", "--format=%s", "origin/main").out
    (space.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    space.dvc("repro", "-f")
    space.ls("refresh", "--push")
    assert "Labels of" in space.git("log", "--format=%s", "origin/main").out
    pushed = tmp_path / "remote/files/md5" / md5[:2] / md5[2:]
    assert pushed.read_bytes() in PICTURES
