"""data/media in both layouts: written, read back, and no other bytes than the map says."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from PIL import Image
from support.media_files import InMemory, entry, media_file

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.media import MediaFile
from ls_dvc.media import layout
from ls_dvc.media.folder import MediaFolder, problems
from ls_dvc.media.layout import LocatedFile, MediaLayout
from ls_dvc.media.thumbnails import thumbnail

CONTENTS = [b"one", b"two" * 400, b"three" * 2000]
# The second content is of two tasks, in two archives; the last address led to nothing.
ENTRIES = [
    entry(7, CONTENTS[0]),
    entry(99, CONTENTS[1]),
    entry(100, CONTENTS[1]),
    entry(250, CONTENTS[2], "image/png"),
]
FILES = [media_file(CONTENTS[0]), media_file(CONTENTS[1]), media_file(CONTENTS[2], "image/png")]
LAYOUTS: tuple[MediaLayout, ...] = ("loose", "tar")


def made(folder: Path, of: MediaLayout) -> MediaFolder:
    folder.mkdir()
    layout.write(folder, located(InMemory(*CONTENTS)), of)
    return MediaFolder(folder)


def located(source: InMemory) -> list[LocatedFile]:
    return [LocatedFile(start, file, source) for start, file in layout.archives(ENTRIES)]


def content_of(folder: MediaFolder, file: MediaFile) -> bytes:
    with folder.open(file) as content:
        return content.read(file.size)


def listed(pack: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(pack) as archive:
        return archive.getmembers()


@pytest.mark.parametrize("of", LAYOUTS)
def test_what_is_written_is_read_back(tmp_path: Path, of: MediaLayout) -> None:
    folder = made(tmp_path / "media", of)
    assert [content_of(folder, file) for file in FILES] == CONTENTS
    for file, content in zip(FILES, CONTENTS, strict=True):
        folder.place(file, tmp_path / file.md5)
        assert (tmp_path / file.md5).read_bytes() == content
    assert list(problems(folder, lambda: ENTRIES, of)) == []
    assert sum(folder.placed.values()) == sum(map(len, CONTENTS))


@pytest.mark.parametrize("of", LAYOUTS)
def test_a_file_that_is_open_has_its_own_content_alone(tmp_path: Path, of: MediaLayout) -> None:
    """Readers of images seek to the beginning and to the end, and read what is there."""
    folder = made(tmp_path / "media", of)
    for file, content in zip(FILES, CONTENTS, strict=True):
        with folder.open(file) as opened:
            assert opened.read() == content
            assert opened.seek(0, io.SEEK_END) == len(content)
            assert opened.read() == b""
            opened.seek(-2, io.SEEK_END)
            assert opened.read(9) == content[-2:]
            assert (opened.seek(0), opened.read(2)) == (0, content[:2])


def test_thumbnails_of_images_in_archives(tmp_path: Path) -> None:
    """Of an image at the end of an archive, of each kind: the same as of the loose file."""
    colors = {"image/png": "red", "image/jpeg": "blue", "image/webp": "green", "image/gif": "black"}
    contents = {kind: _picture(kind, color) for kind, color in colors.items()}
    files = [media_file(content, kind) for kind, content in contents.items()]
    entries = [entry(1, content, kind) for kind, content in contents.items()]
    (tmp_path / "media").mkdir()
    source = InMemory(*contents.values())
    placed = [LocatedFile(start, file, source) for start, file in layout.archives(entries)]
    layout.write(tmp_path / "media", placed, "tar")
    folder = MediaFolder(tmp_path / "media")
    for file, content in zip(files, contents.values(), strict=True):
        with folder.open(file) as opened:
            small = thumbnail(opened, file.type)
        assert small is not None
        assert small == thumbnail(io.BytesIO(content), file.type)


def _picture(kind: str, color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (70, 50), color).save(out, kind.removeprefix("image/"))
    return out.getvalue()


def test_loose_files_are_named_by_hash_and_placed_as_links(tmp_path: Path) -> None:
    folder = made(tmp_path / "media", "loose")
    names = [path.relative_to(tmp_path / "media") for path in (tmp_path / "media").rglob("*.*")]
    assert sorted(map(str, names)) == sorted(file.name for file in FILES)
    folder.place(FILES[0], tmp_path / "x.jpg")
    assert folder.placed["copy"] == 0


def test_an_archive_has_a_hundred_ids_and_every_content_once(tmp_path: Path) -> None:
    made(tmp_path / "media", "tar")
    packs = (tmp_path / "media").iterdir()
    assert {path.name: [each.name for each in listed(path)] for path in packs} == {
        "0000000000.tar": [f"{FILES[0].md5}.jpg", f"{FILES[1].md5}.jpg"],
        "0000000200.tar": [f"{FILES[2].md5}.png"],
    }


def test_archives_have_the_same_bytes_whatever_the_clock_and_the_user(tmp_path: Path) -> None:
    made(tmp_path / "media", "tar")
    member = listed(tmp_path / "media" / "0000000000.tar")[0]
    assert (member.mtime, member.mode, member.uid, member.uname) == (0, 0o644, 0, "")


@pytest.mark.parametrize("of", LAYOUTS)
@pytest.mark.parametrize("damage", ["byte", "cut", "gone"])
def test_damage_is_refused_and_found(tmp_path: Path, of: MediaLayout, damage: str) -> None:
    made(tmp_path / "media", of)
    name = FILES[2].name if of == "loose" else "0000000200.tar"
    path = tmp_path / "media" / name
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[:600] + (b"X" + content[601:] if damage == "byte" else b""))
    folder = MediaFolder(tmp_path / "media")
    with pytest.raises(LsDvcError, match=r"lacks the media file") as caught:
        folder.place(FILES[2], tmp_path / "x.png")
    assert "dvc checkout" in caught.value.hint
    assert not (tmp_path / "x.png").exists()
    assert len(list(problems(folder, lambda: ENTRIES, of))) == 1
    assert content_of(folder, FILES[0]) == CONTENTS[0]


@pytest.mark.parametrize("of", LAYOUTS)
def test_files_of_others_and_another_layout_are_found(tmp_path: Path, of: MediaLayout) -> None:
    folder = made(tmp_path / "media", of)
    other: MediaLayout = "tar" if of == "loose" else "loose"
    assert "another layout" in next(problems(folder, lambda: ENTRIES, other))
    assert len(list(problems(folder, lambda: ENTRIES[:3], of))) == 1
    (tmp_path / "media" / "mine.txt").write_text("x")
    assert list(problems(folder, lambda: ENTRIES, of)) == [
        f"{tmp_path / 'media' / 'mine.txt'} is no media file of these"
    ]


@pytest.mark.parametrize("of", LAYOUTS)
def test_a_source_with_other_bytes_is_refused(tmp_path: Path, of: MediaLayout) -> None:
    source = InMemory(*CONTENTS)
    source.contents = {**source.contents, FILES[0].md5: b"ONE"}
    (tmp_path / "media").mkdir()
    if of == "tar":
        with pytest.raises(LsDvcError, match="other bytes"):
            layout.write(tmp_path / "media", located(source), of)
    else:
        layout.write(tmp_path / "media", located(source), of)
        assert len(list(problems(MediaFolder(tmp_path / "media"), lambda: ENTRIES, of))) == 1
