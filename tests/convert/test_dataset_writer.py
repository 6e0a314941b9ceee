"""Writing a format: small files loose, or in archives that anybody can read."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from support import projects
from support.media import FakeMedia
from support.projects import box, boxed

from ls_dvc.convert import dataset_folder, dataset_writer, loose_files
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.formats.interface import Chunk

LONG = "ü" * 120 + ".txt"  # of more bytes than a tar header has room for


def chunks(moved: int | None = None) -> list[Chunk]:
    """What YOLO makes of some tasks; with one box moved in one of them."""
    raw = [
        boxed(n, box(9 if n == moved else 1, 1, 2, 2), data={"image": f"/x/{n}.jpg"})
        for n in (1, 2, 999, 1000, 2500)
    ]
    files = projects.convert("YOLO", raw).files
    ids = {f"labels/{n}.txt": n for n in (1, 2, 999, 1000, 2500)}
    return [Chunk(path, content, ids.get(path)) for path, content in files.items()]


def archives(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "labels").iterdir())}


def test_an_archive_for_each_shard(tmp_path: Path) -> None:
    dataset_writer.write_format(tmp_path / "tar", chunks(), archived=True)
    dataset_writer.write_format(tmp_path / "loose", chunks())
    found = {}
    for name, content in archives(tmp_path / "tar").items():
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                held = archive.extractfile(member)
                assert held is not None
                found[member.name] = held.read()
                assert (member.mtime, member.uid, member.uname, member.mode) == (0, 0, "", 0o644)
                assert int(member.name.removesuffix(".txt")) // 1000 * 1000 == int(name[:10])
    assert found == archives(tmp_path / "loose")
    assert sorted(archives(tmp_path / "tar")) == [f"{n:010d}.tar" for n in (0, 1000, 2000)]
    assert (tmp_path / "tar/classes.txt").read_text() == "Car\nDog\nRoad\nSky\n"


def test_a_changed_label_touches_one_archive(tmp_path: Path) -> None:
    dataset_writer.write_format(tmp_path / "a", chunks(), archived=True)
    dataset_writer.write_format(tmp_path / "b", chunks(moved=1000), archived=True)
    a, b = archives(tmp_path / "a"), archives(tmp_path / "b")
    assert [name for name in a if a[name] != b[name]] == ["0000001000.tar"]


def test_long_names(tmp_path: Path) -> None:
    dataset_writer.write_format(tmp_path / "a", [Chunk(f"labels/{LONG}", b"x", 1)], archived=True)
    with tarfile.open(tmp_path / "a/labels/0000000000.tar") as archive:
        assert archive.getnames() == [LONG]


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", ""])
def test_nothing_is_written_outside(tmp_path: Path, path: str) -> None:
    with pytest.raises(BugError, match="a format writes"):
        dataset_writer.write_format(tmp_path / "x", [Chunk(path, b"")])


def test_two_folders_have_archives_at_the_same_time(tmp_path: Path) -> None:
    names = [(n, f"{folder}/{n}.txt") for n in (1, 2, 1000) for folder in ("labels", "images", "")]
    some = [Chunk(path.removeprefix("/"), path.encode(), n) for n, path in names]
    dataset_writer.write_format(tmp_path / "a", some, archived=True)
    for folder in ("labels/", "images/", ""):
        for shard, numbers in (("0000000000", (1, 2)), ("0000001000", (1000,))):
            with tarfile.open(tmp_path / f"a/{folder}{shard}.tar") as archive:
                assert archive.getnames() == [f"{n}.txt" for n in numbers]


def test_a_folder_goes_back_to_no_earlier_shard(tmp_path: Path) -> None:
    some = [Chunk(f"labels/{n}.txt", b"", n) for n in (1, 1000, 2)]
    with pytest.raises(BugError, match="twice"):
        dataset_writer.write_format(tmp_path / "a", some, archived=True)


def test_members_of_archives_in_every_layout(tmp_path: Path) -> None:
    media = FakeMedia()
    film = media.has("a", b"film" * 500_000, "video/mp4")
    some = [
        Chunk("7.mp4", b"", 7, film, "train/0000000000.tar"),
        Chunk("7.json", b"{", 7, None, "train/0000000000.tar"),
        Chunk("7.json", b"}", 7, None, "train/0000000000.tar"),
        Chunk("1007.json", b"[]", 1007, None, "train/0000001000.tar"),
    ]
    written = {}
    for name, archived in (("loose", False), ("tar", True)):
        summary = dataset_writer.write_format(tmp_path / name, some, media, archived=archived)
        assert dataset_folder.reread(tmp_path / name) == summary
        written[name] = {each.name: each.read_bytes() for each in (tmp_path / name).glob("*/*")}
    assert written["loose"] == written["tar"]
    assert sorted(written["tar"]) == ["0000000000.tar", "0000001000.tar"]
    with tarfile.open(tmp_path / "tar/train/0000000000.tar") as archive:
        held = {each.name: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]
    assert held == {"7.mp4": b"film" * 500_000, "7.json": b"{}"}


def test_other_bytes_than_the_pinned_ones_go_into_no_archive(tmp_path: Path) -> None:
    media = FakeMedia()
    file = media.has("a", b"pinned", "video/mp4")
    for other in (b"edited", b"cut"):
        media.contents[file.md5] = other
        with pytest.raises(LsDvcError, match="has other bytes than those that were pinned"):
            dataset_writer.write_format(
                tmp_path / other.decode(), [Chunk("7.mp4", b"", 7, file, "a.tar")], media
            )


def test_more_folders_than_files_that_may_be_open(tmp_path: Path) -> None:
    folders = range(loose_files.OPEN_FILES + 5)
    some = [Chunk(f"{n}/{task}.txt", b"x", task) for task in (1, 2) for n in folders]
    summary = dataset_writer.write_format(tmp_path / "a", some, archived=True)
    assert dataset_folder.reread(tmp_path / "a") == summary
    with tarfile.open(tmp_path / "a/0/0000000000.tar") as archive:
        assert archive.getnames() == ["1.txt", "2.txt"]
