"""The stage `convert` with media: pictures in place, as links, or a clear refusal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.media_files import media_file
from support.media_pins import pin_media, with_media
from support.workspace import Workspace

from ls_dvc.io.links import link
from ls_dvc.media.store import MediaStore

PICTURES = [b"\xff\xd8\xff picture %d" % n for n in range(3)]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Exported; the stage `media` has run."""
    made = with_media(tmp_path / "repo", "COCO")
    pin_media(made, *PICTURES)
    made.ls("export")
    made.ls("media")
    return made


def images(space: Workspace) -> list[Path]:
    return sorted((space.path / "data/dataset/COCO/images").iterdir())


def has_reflinks(folder: Path) -> bool:
    (folder / "probe").write_bytes(b"x")
    return link(folder / "probe", folder / "probe-2") == "reflink"


def test_pictures_are_links_to_the_media(space: Workspace) -> None:
    told = space.ls("convert").err
    assert sorted(path.read_bytes() for path in images(space)) == PICTURES
    if has_reflinks(space.path):
        assert "second time" not in told
    else:
        sources = (space.path / "data/media").rglob("*.jpg")
        assert {each.stat().st_ino for each in images(space)} == {
            each.stat().st_ino for each in sources
        }


def test_what_is_double_is_said_once_with_the_setting(space: Workspace) -> None:
    """DVC replaces hardlinks by copies where it is not allowed hardlinks."""
    if has_reflinks(space.path):
        pytest.skip("nothing is double on a disk with reflinks")
    told = space.ls("convert").err
    assert told.count("second time") == 1
    assert "dvc config cache.type reflink,hardlink,copy" in told
    space.dvc("config", "cache.type", "reflink,hardlink,copy")
    assert "second time" not in space.ls("convert").err


def test_without_the_stage_media_it_refuses(space: Workspace) -> None:
    space.ls("convert")
    before = space.hashes("data/dataset")
    shutil.rmtree(space.path / "data/media")
    failed = space.ls("convert", code=1)
    assert "data/media is missing" in failed.err
    assert "dvc repro" in failed.err
    assert space.hashes("data/dataset") == before


@pytest.mark.parametrize("layout", ["loose", "tar"])
def test_a_picture_with_other_bytes_is_refused(space: Workspace, layout: str) -> None:
    space.edit("params.yaml", "tasks: labeled", f"tasks: labeled, layout: {layout}")
    space.ls("media")
    space.ls("convert")
    before = space.hashes("data/dataset")
    if layout == "loose":
        path = space.path / "data/media" / media_file(PICTURES[1]).name
        MediaStore(space.path / ".dvc/tmp/ls-dvc/media").path(media_file(PICTURES[1]).md5).unlink()
    else:
        path = space.path / "data/media/0000000000.tar"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content.replace(b"picture 1", b"PICTURE 1"))
    failed = space.ls("convert", code=1)
    assert "other bytes" in failed.err
    assert space.hashes("data/dataset") == before


def test_archives_give_the_same_data_set(space: Workspace) -> None:
    space.ls("convert")
    before = space.hashes("data/dataset")
    space.edit("params.yaml", "tasks: labeled", "tasks: labeled, layout: tar")
    space.ls("media")
    assert "archives" in space.ls("convert").err
    assert space.hashes("data/dataset") == before


@pytest.mark.parametrize("kinds", ["copy", "reflink,hardlink,copy"])
def test_after_one_run_the_disk_has_each_file_as_often_as_links_allow(
    tmp_path: Path, kinds: str
) -> None:
    space = with_media(tmp_path / "repo", "COCO")
    space.dvc("config", "cache.type", kinds)
    pin_media(space, *PICTURES)
    store = MediaStore(space.path / ".dvc/tmp/ls-dvc/media")
    assert len(list(store.files())) == len(PICTURES)
    space.dvc("repro")
    assert list(store.files()) == [], "DVC's cache has them"
    if kinds != "copy" and not has_reflinks(space.path):
        folders = (space.path / ".dvc", space.path / "data")
        found = [each for folder in folders for each in folder.rglob("*") if each.is_file()]
        inodes = {each.stat().st_ino for each in found if each.read_bytes() in PICTURES}
        assert len(inodes) == len(PICTURES)
