"""The stage `media` with git and DVC: the pinned bytes from the nearest place, or none at all."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from support.media_files import media_file
from support.media_pins import pin_media, share, with_media
from support.workspace import BIN, Workspace, clean_environment

from ls_dvc.media.store import MediaStore

OLD = [b"\xff\xd8\xff old %d" % n for n in range(12)]
NEW = [b"\xff\xd8\xff new %d" % n for n in range(12)]


def store_of(space: Workspace) -> MediaStore:
    return MediaStore(space.path / ".dvc/tmp/ls-dvc/media")


def media_of(space: Workspace) -> dict[str, bytes]:
    """The content by MD5, as the names say it, of what is in data/media."""
    root = space.path / "data" / "media"
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.parent.name + path.stem: path.read_bytes() for path in files}


def named(*contents: bytes) -> dict[str, bytes]:
    return {hashlib.md5(content).hexdigest(): content for content in contents}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two versions are committed and pushed: the pictures of all tasks, and others of the same."""
    folder = tmp_path_factory.mktemp("story")
    made = with_media(folder / "repo")
    share(made)
    pin_media(made, *OLD)
    made.dvc("repro", "media")
    made.commit("old")
    made.git("tag", "old")
    pin_media(made, *NEW)
    made.dvc("repro", "media")
    made.commit("new")
    made.dvc("push", "--all-commits")
    return made


@pytest.fixture
def space(story: Workspace, tmp_path: Path) -> Workspace:
    """A copy to spoil, in which hardlinks are hardlinks."""
    subprocess.run(["cp", "-a", f"{story.path.parent}/.", str(tmp_path)], check=True)
    copied = Workspace(tmp_path / "repo", dict(story.env))
    share(copied)
    copied.git("commit", "-qam", "remote")
    return copied


@pytest.mark.parametrize("gone", [".dvc/tmp", ".dvc/cache"])
def test_the_next_place_has_it(space: Workspace, gone: str) -> None:
    shutil.rmtree(space.path / gone)
    shutil.rmtree(space.path / "data" / "media")
    space.ls("media")
    assert media_of(space) == named(*NEW)
    assert f"{len(NEW)} media files" in space.ls("media").out


def test_a_fresh_clone_has_all_from_the_remote(space: Workspace, tmp_path: Path) -> None:
    clone = space.clone(tmp_path / "clone")
    clone.dvc("pull", "data/snapshot")
    clone.ls("media")
    assert media_of(clone) == named(*NEW)
    assert not (clone.path / ".dvc/cache/files/md5").joinpath(*_parts(NEW[0])).exists()


def _parts(content: bytes) -> tuple[str, str]:
    md5 = media_file(content).md5
    return md5[:2], md5[2:]


def test_what_no_place_has_is_named_and_nothing_is_replaced(
    space: Workspace, tmp_path: Path
) -> None:
    other = b"\xff\xd8\xff of nobody"
    before = media_of(space)
    pin_media(space, *OLD, other)
    space.ls("export")
    store_of(space).path(media_file(other).md5).unlink()
    failed = space.ls("media", code=1)
    assert "1 of 13 media files" in failed.err
    assert "/data/upload/1/13.jpg (task 13)" in failed.err
    for place in ("the side cache", "DVC's cache", "DVC's remote"):
        assert f"{place}: not there" in failed.err
    assert "dvc pull" in failed.err
    assert media_of(space) == before
    shutil.rmtree(tmp_path / "remote")
    shutil.rmtree(store_of(space).root)
    shutil.rmtree(space.path / ".dvc/cache")
    failed = space.ls("media", code=1)
    assert failed.err.count("/data/upload/1/") == 10
    assert "and 3 more" in failed.err
    assert media_of(space) == before


def test_other_bytes_of_the_remote_are_refused(space: Workspace, tmp_path: Path) -> None:
    clone = space.clone(tmp_path / "clone")
    clone.dvc("pull", "data/snapshot")
    path = (tmp_path / "remote" / "files" / "md5").joinpath(*_parts(NEW[3]))
    path.chmod(0o644)
    path.write_bytes(b"\xff\xd8\xff bad 3")
    path.chmod(0o444)
    failed = clone.ls("media", code=1)
    assert "DVC's remote: other bytes" in failed.err
    assert not (clone.path / "data" / "media").exists()
    assert not any(store_of(clone).temporary().iterdir())


def test_a_folder_of_the_repository_has_them(space: Workspace) -> None:
    """`roots`: where its bytes are those that were pinned, and only there."""
    other, wrong = b"\xff\xd8\xff rooted", b"\xff\xd8\xff rooted as well"
    pin_media(space, other, wrong)
    space.ls("export")
    shutil.rmtree(store_of(space).root)
    space.edit("params.yaml", "tasks: labeled", "tasks: labeled, roots: {/data/upload/1/: raw}")
    (space.path / "raw").mkdir()
    (space.path / "raw" / "1.jpg").write_bytes(other)
    (space.path / "raw" / "2.jpg").write_bytes(b"\xff\xd8\xff of another")
    failed = space.ls("media", code=1)
    assert "1 of 2 media files" in failed.err
    assert "raw/2.jpg: other bytes" in failed.err
    (space.path / "raw" / "2.jpg").write_bytes(wrong)
    space.ls("media")
    assert media_of(space) == named(other, wrong)
    assert (space.path / "raw" / "1.jpg").stat().st_nlink == 1


def test_a_hardlinked_cache_that_was_written_through_is_repaired(space: Workspace) -> None:
    """As containers do it, where everybody is root and files that cannot be written are written."""
    path = space.path / "data" / "media" / media_file(NEW[5]).name
    cached = (space.path / ".dvc/cache/files/md5").joinpath(*_parts(NEW[5]))
    assert cached.samefile(path), "it is not hardlinked"
    path.chmod(0o644)
    path.write_bytes(b"\xff\xd8\xff written through")
    path.chmod(0o444)
    told = space.dvc("repro", "media").told
    assert "was changed in place" in told
    assert media_of(space) == named(*NEW)
    assert cached.read_bytes() == NEW[5]


def test_what_dvc_has_needs_no_copy_in_the_side_cache(space: Workspace) -> None:
    """It stays until DVC has it, and then for as long as nothing changes."""
    assert all(store_of(space).path(md5).exists() for md5 in named(*NEW))
    added = b"\xff\xd8\xff added"
    pin_media(space, *NEW, added)
    space.dvc("repro", "media")
    kept = {store_of(space).md5_of(path) for path in store_of(space).files()}
    assert kept == named(*OLD, added).keys()


def test_a_whole_folder_stays(space: Workspace) -> None:
    before = {path: path.stat().st_ino for path in (space.path / "data/media").rglob("*")}
    assert "already" in space.ls("media").out
    assert {path: path.stat().st_ino for path in (space.path / "data/media").rglob("*")} == before


def test_archives_are_made_and_read_from_dvc(space: Workspace, tmp_path: Path) -> None:
    space.edit("params.yaml", "tasks: labeled", "tasks: labeled, layout: tar")
    space.dvc("repro", "media")
    assert [path.name for path in (space.path / "data/media").iterdir()] == ["0000000000.tar"]
    space.commit("archives")
    shutil.rmtree(tmp_path / "remote" / "files")
    space.dvc("push")
    clone = space.clone(tmp_path / "clone")
    clone.dvc("pull", "data/snapshot")
    clone.edit("params.yaml", ", layout: tar", "")
    clone.ls("media")
    assert media_of(clone) == named(*NEW)


def test_killed_at_any_moment_the_folder_is_the_old_or_the_new_one(space: Workspace) -> None:
    """Or there is none, for the moment between two renames; the next run goes on in any case."""
    many = [b"\xff\xd8\xff many %d" % n for n in range(300)]
    pin_media(space, *many)
    space.ls("export")
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    killed = 0
    for _ in range(8):
        running = subprocess.Popen(
            [BIN / "ls-dvc", "media"],
            cwd=space.path,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moments.uniform(0.2, 2.0))
        running.kill()
        killed += running.wait() < 0
        found = media_of(space)
        assert found in ({}, named(*NEW), named(*many)), f"seed {seed}"
        if found == named(*many):
            shutil.rmtree(space.path / "data" / "media")
    assert killed, "every run had ended before it was killed"
    space.ls("media")
    assert media_of(space) == named(*many)
    left = [path.name for path in (space.path / "data").iterdir()]
    assert sorted(left) == [".gitignore", "media", "snapshot"]
