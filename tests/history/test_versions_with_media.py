"""Versions with media: what verify finds, what refresh refuses to push, and folders to train in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.media_files import media_file
from support.media_pins import pin_media, share, with_media
from support.workspace import Workspace

FIRST = [b"\xff\xd8\xff first %d" % n for n in range(3)]
SECOND = [b"\xff\xd8\xff second %d" % n for n in range(3)]


def commit(space: Workspace, contents: list[bytes], name: str) -> None:
    pin_media(space, *contents)
    space.dvc("repro")
    space.commit(name)
    space.git("tag", name)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two versions of the same tasks with other pictures; the first is in the remote."""
    folder = tmp_path_factory.mktemp("story")
    made = with_media(folder / "repo", "COCO", "CSV")
    share(made)
    commit(made, FIRST, "first")
    made.dvc("push")
    commit(made, SECOND, "second")
    return made


@pytest.fixture
def space(story: Workspace, tmp_path: Path) -> Workspace:
    """A copy to spoil, in which hardlinks are hardlinks."""
    subprocess.run(["cp", "-a", f"{story.path.parent}/.", str(tmp_path)], check=True)
    copied = Workspace(tmp_path / "repo", dict(story.env))
    share(copied)
    return copied


def pictures(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.rglob("*.jpg"))


def write_through(path: Path) -> None:
    """As a program does that opens a hardlink to write, as root in a container can."""
    path.chmod(0o644)
    path.write_bytes(b"\xff\xd8\xff written through")
    path.chmod(0o444)


def test_the_data_set_has_the_pictures(space: Workspace) -> None:
    assert pictures(space.path / "data/dataset") == SECOND
    assert "all as pinned" in space.ls("verify").out


@pytest.mark.parametrize("folder", ["data/media", "data/dataset/COCO"])
def test_verify_finds_a_picture_that_was_written_through(space: Workspace, folder: str) -> None:
    write_through(next((space.path / folder).rglob("*.jpg")))
    found = space.ls("verify", code=1)
    assert folder in found.out
    assert "other bytes" in found.out or "was changed" in found.out


@pytest.mark.parametrize("damage", ["gone", "more"])
def test_verify_finds_missing_files_and_files_of_others(space: Workspace, damage: str) -> None:
    name = media_file(SECOND[0]).name
    if damage == "gone":
        (space.path / "data/media" / name).unlink()
        assert f"{name} is missing" in space.ls("verify", code=1).out
        shutil.rmtree(space.path / "data/media")
        assert "data/media is missing" in space.ls("verify", code=1).out
    else:
        (space.path / "data/media/mine.jpg").write_bytes(b"x")
        assert "mine.jpg is no media file" in space.ls("verify", code=1).out


def test_verify_all_says_whose_media_could_be_lost(space: Workspace) -> None:
    found = {f["subject"]: f for f in json.loads(space.ls("verify", "--all", "--json").out)}
    assert found["first"]["state"] == "safe"
    assert found["second"]["state"] == "at risk"
    space.dvc("push")
    shutil.rmtree(space.path.parent / "remote/files/md5" / media_file(SECOND[1]).md5[:2])
    found = {f["subject"]: f for f in json.loads(space.ls("verify", "--all", "--json").out)}
    assert "3 media files: run `dvc push`" in found["second"]["words"]


def test_verify_of_a_version_finds_a_damaged_object(space: Workspace) -> None:
    md5 = media_file(FIRST[2]).md5
    write_through(space.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:])
    found = json.loads(space.ls("verify", "--all", "--json", code=1).out)
    wrong = [each for each in found if each["state"] == "wrong"]
    assert [each["subject"] for each in wrong] == ["first"]
    assert md5[2:] in wrong[0]["words"]


def test_show_and_log_count_media(space: Workspace) -> None:
    counts = {"files": 3, "bytes": sum(map(len, SECOND)), "missing": 0}
    assert json.loads(space.ls("show", "second", "--json").out)["media"] == counts
    assert "media 3 files" in space.ls("show", "second").out
    assert json.loads(space.ls("log", "--json").out)[0]["media"] == counts
    assert f"3 ({sum(map(len, SECOND))} bytes)" in space.ls("log").out


@pytest.mark.parametrize("formats", [(), ("-f", "COCO")])
def test_get_gives_a_folder_with_pictures(space: Workspace, formats: tuple[str, ...]) -> None:
    told = space.ls("get", "first", "got", *formats).told
    assert pictures(space.path / "got") == FIRST
    assert "converting" not in told


def test_get_from_a_clone_that_has_the_remote_alone(space: Workspace, tmp_path: Path) -> None:
    clone = space.clone(tmp_path / "clone")
    share(clone)
    clone.ls("get", "first", "got")
    assert pictures(clone.path / "got") == FIRST
    assert "cannot be" in clone.ls("get", "second", "other", code=1).err
    assert not (clone.path / "other").exists()


def test_get_converts_what_dvc_has_no_data_set_of(space: Workspace) -> None:
    told = space.ls("get", "first", "got", "-f", "COCO", "-f", "JSONL").told
    assert "converting" in told
    assert pictures(space.path / "got") == FIRST


def stored(space: Workspace) -> set[str]:
    """The MD5 of what is in the media store."""
    files = (space.path / ".dvc/tmp/ls-dvc/media/files").glob("*/*")
    return {path.parent.name + path.name for path in files}


def md5s(*contents: bytes) -> set[str]:
    return {media_file(content).md5 for content in contents}


def fetch_again(space: Workspace) -> None:
    """As after an update of each version: the data set that was made of it took them away."""
    for content in (*FIRST, *SECOND):
        md5 = media_file(content).md5
        path = space.path / ".dvc/tmp/ls-dvc/media/files" / md5[:2] / md5[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def prune(space: Workspace, *options: str) -> str:
    return space.ls("prune", "--cache-only", "--older-than", "0", *options).out


def test_prune_removes_media_that_dvc_has_or_nobody_needs(space: Workspace) -> None:
    """Of the first version DVC's cache has all but one file, of the second none."""
    fetch_again(space)
    lost = media_file(FIRST[0]).md5
    for content in (FIRST[0], *SECOND):
        md5 = media_file(content).md5
        (space.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    stray = space.path / ".dvc/tmp/ls-dvc/media/files/ab" / ("c" * 30)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"of a version that is gone")
    everything = stored(space)
    assert "files/ab" in prune(space, "--dry-run")
    assert stored(space) == everything
    prune(space)
    assert stored(space) == {lost, *md5s(*SECOND)}


def test_prune_keeps_what_an_unknown_map_may_need(space: Workspace) -> None:
    """The maps of other clones' pins are not here."""
    fetch_again(space)
    shutil.rmtree(space.path / ".dvc/tmp/ls-dvc/media/maps")
    shutil.rmtree(space.path / ".dvc/cache/files")
    before = stored(space)
    prune(space)
    assert stored(space) == before == md5s(*FIRST, *SECOND)


def test_refresh_pushes_no_object_that_was_written_through(
    space: Workspace, tmp_path: Path
) -> None:
    from ls_dvc.commands.refresh_checks import require_undamaged
    from ls_dvc.errors import LsDvcError
    from ls_dvc.workspace import open_workspace

    require_undamaged(open_workspace(space.path))
    md5 = media_file(SECOND[2]).md5
    write_through(space.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:])
    with pytest.raises(LsDvcError, match="nothing is pushed") as caught:
        require_undamaged(open_workspace(space.path))
    assert md5[2:] in str(caught.value)
