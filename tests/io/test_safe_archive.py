"""What a server sends is not trusted: it is taken whole and in its folder, or not at all."""

from __future__ import annotations

import io
import json
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

from ls_dvc.io import safe_archive
from ls_dvc.io.safe_archive import ArchiveLimits, UnsafeError

Content = str | bytes


def zipped(*files: tuple[str | zipfile.ZipInfo, Content]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def taken(folder: Path, raw: bytes, single: str = "", **bounds: int) -> dict[str, bytes]:
    source, to = folder / "raw", folder / "made.tar"
    source.write_bytes(raw)
    count = safe_archive.normalise(source, single, to, ArchiveLimits(**bounds) if bounds else None)
    with to.open("rb") as file:
        found = dict(safe_archive.members(file))
    assert len(found) == count
    return found


def test_a_zip_file_is_taken_without_its_folders(tmp_path: Path) -> None:
    raw = zipped(("images/", ""), ("labels/b.txt", "2"), ("labels/a.txt", "1"), ("c.txt", "ü"))
    found = taken(tmp_path, raw)
    assert found == {"c.txt": "ü".encode(), "labels/a.txt": b"1", "labels/b.txt": b"2"}
    assert list(found) == sorted(found)


def test_an_only_file_is_taken_by_the_name_it_is_given(tmp_path: Path) -> None:
    assert taken(tmp_path, b"a,b\r\n", "result.csv") == {"result.csv": b"a,b\r\n"}
    assert taken(tmp_path, zipped(("a", "1")), "result.csv")["result.csv"][:2] == b"PK"


def test_bytes_depend_on_paths_and_contents_alone(tmp_path: Path) -> None:
    old = zipfile.ZipInfo("a.txt", (1999, 1, 1, 0, 0, 0))
    old.external_attr = (stat.S_IFREG | 0o777) << 16
    made = []
    for raw in (zipped((old, "1"), ("b/c", "2")), zipped(("b/", ""), ("b/c", "2"), ("a.txt", "1"))):
        taken(tmp_path, raw)
        made.append((tmp_path / "made.tar").read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "made.tar") as tar:
        assert {(each.mtime, each.mode, each.uid, each.uname) for each in tar} == {(0, 420, 0, "")}


def entry(name: str, kind: int) -> zipfile.ZipInfo:
    about = zipfile.ZipInfo(name)
    about.create_system = 3
    about.external_attr = (kind | 0o777) << 16
    return about


def renamed(raw: bytes, name: str, to: str) -> bytes:
    """A name that zipfile itself would not write."""
    assert len(name) == len(to)
    return raw.replace(name.encode(), to.encode())


HOSTILE: dict[str, tuple[bytes, str]] = {
    "absolute": (renamed(zipped(("xetc/passwd", "")), "xetc/", "/etc/"), "leads elsewhere"),
    "upwards": (zipped(("../a", "")), "leads elsewhere"),
    "upwards within": (zipped(("a/../../b", "")), "leads elsewhere"),
    "here": (zipped(("./a", "")), "leads elsewhere"),
    "nothing between": (zipped(("a//b", "")), "leads elsewhere"),
    "a folder upwards": (zipped(("../", "")), "leads elsewhere"),
    "backslashes": (renamed(zipped(("..xa", "")), "..xa", "..\\a"), "leads elsewhere"),
    "a drive": (zipped(("C:/a", "")), "leads elsewhere"),
    "a line break": (zipped(("a\nb", "")), "control characters"),
    "a long name": (zipped(("a" * 256, "")), "more than 255 bytes"),
    "a link": (zipped((entry("a", stat.S_IFLNK), "/etc/passwd")), "is a link"),
    "a device": (zipped((entry("a", stat.S_IFCHR), "")), "no file"),
    "a pipe": (zipped((entry("a", stat.S_IFIFO), "")), "no file"),
    "twice": (renamed(zipped(("ab", "1"), ("ac", "2")), "ac", "ab"), "two files of one path"),
    "file and folder": (zipped(("a", "1"), ("a/b", "2")), "a file and a folder"),
    "cut": (zipped(("a", "1" * 1000))[:-30], "damaged"),
    "no zip": (b"<html>Please log in</html>", "damaged"),
    "nothing": (b"", "damaged"),
    "no JSON": (zipped(("notes.json", "{")), "is no JSON"),
    "no document": (zipped(("task.dclx", "PK")), "damaged"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_what_no_converter_writes_is_refused(name: str, tmp_path: Path) -> None:
    (raw, words), folder = HOSTILE[name], tmp_path / "in"
    folder.mkdir()
    with pytest.raises(UnsafeError, match=words):
        taken(folder, raw)
    assert {each.name for each in folder.iterdir()} <= {"raw", "made.tar"}
    assert [each.name for each in tmp_path.iterdir()] == ["in"]


def test_an_encrypted_one_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped(("a", "1")))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", raw, raw.index(magic) + place, 1)
    with pytest.raises(UnsafeError, match="encrypted"):
        taken(tmp_path, bytes(raw))


def test_a_damaged_content_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped(("a", "1" * 100)))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 16, 7)  # the checksum
    with pytest.raises(UnsafeError, match="damaged"):
        taken(tmp_path, bytes(raw))


def test_more_than_is_bearable_is_refused(tmp_path: Path) -> None:
    bomb = zipped(*((f"{n}.txt", bytes(1000)) for n in range(3)))
    assert len(taken(tmp_path, bomb, files=3, size=3000)) == 3
    with pytest.raises(UnsafeError, match="3 files; 2 are the most"):
        taken(tmp_path, bomb, files=2)
    with pytest.raises(UnsafeError, match="larger, unpacked"):
        taken(tmp_path, bomb, size=2999)
    with pytest.raises(UnsafeError, match="larger, unpacked"):
        taken(tmp_path, bytes(1000), "result.csv", size=999)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    raw = bytearray(zipped(("a", bytes(100_000))))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 10)
    with pytest.raises(UnsafeError):
        taken(tmp_path, bytes(raw), size=5000)


def document(**info: Any) -> str:
    return json.dumps({"categories": [{"id": 0, "name": "Car"}], "info": info})


def test_dates_go_and_colours_follow_from_names(tmp_path: Path) -> None:
    told = {"year": 2026, "date_created": "2026-11-26 17:06:53.486977", "version": "1.0"}
    for name in ("result.json", "notes.json"):
        found = taken(tmp_path, zipped((name, document(**told))))
        assert json.loads(found[name])["info"] == {"version": "1.0"}
    made = set()
    for colour in ("#aaaaaa", "#bbbbbb"):
        categories = [{"name": each, "color": colour} for each in ("Car", "Sky")]
        body = json.dumps({"categories": categories, "info": told})
        found = taken(tmp_path, zipped(("result_coco.json", body)))
        made.add(found["result_coco.json"])
    (content,) = made
    one, other = (each["color"] for each in json.loads(content)["categories"])
    assert one != other
    assert len(one) == 7
    untouched = zipped(("labels/notes.txt", document(**told)), ("result.json", "[1]"))
    assert taken(tmp_path, untouched)["result.json"] == b"[1]"


@pytest.mark.parametrize("content", ["{}", '{"info": 3, "categories": 4}', '{"info": []}'])
def test_documents_of_another_shape_stay_whole(content: str, tmp_path: Path) -> None:
    for name in ("result.json", "result_coco.json", "notes.json"):
        found = taken(tmp_path, zipped((name, content)))
        assert json.loads(found[name]) == json.loads(content)


def test_a_document_that_is_a_zip_file_has_no_time(tmp_path: Path) -> None:
    def dated(year: int) -> bytes:
        parts = ("[Content_Types].xml", "_rels/.rels", "document.xml")
        return zipped(*((zipfile.ZipInfo(each, (year, 1, 1, 0, 0, 0)), each) for each in parts))

    made = {taken(tmp_path, dated(year), "result.dclx")["result.dclx"] for year in (1999, 2026)}
    (content,) = made
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.namelist()[0] == "[Content_Types].xml", "the order stays"
        assert found.read("document.xml") == b"document.xml"


def tarred(change: Callable[[tarfile.TarInfo], None]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        about = tarfile.TarInfo("a")
        change(about)
        tar.addfile(about)
    return io.BytesIO(out.getvalue())


def make_link(about: tarfile.TarInfo) -> None:
    about.type, about.linkname = tarfile.SYMTYPE, "/etc/passwd"


def lead_upwards(about: tarfile.TarInfo) -> None:
    about.name = "../a"


@pytest.mark.parametrize("change", [make_link, lead_upwards])
def test_an_archive_of_others_is_not_unpacked(change: Callable[[tarfile.TarInfo], None]) -> None:
    with pytest.raises(UnsafeError):
        list(safe_archive.members(tarred(change)))
    with pytest.raises(UnsafeError, match="damaged"):
        list(safe_archive.members(io.BytesIO(b"no tar")))


def test_one_file_is_bounded_as_it_is_held_in_memory(tmp_path: Path) -> None:
    raw = zipped(("a", "1" * 500), ("b", "2" * 600))
    assert len(taken(tmp_path, raw, file=600)) == 2
    with pytest.raises(UnsafeError, match="larger, unpacked, than the limit"):
        taken(tmp_path, raw, file=599)


def test_documents_in_documents_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested = zipped(("page", "1" * 5000))
    monkeypatch.setattr(ArchiveLimits, "__init__", partialmethod(ArchiveLimits.__init__, file=4000))
    with pytest.raises(UnsafeError, match="larger, unpacked, than the limit"):
        taken(tmp_path, zipped((f"a{safe_archive.NESTED}", nested)))
