"""The media store: files by their MD5; a file that was changed is found, one that was not is not
read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.media_files import media_file

from ls_dvc.io import files
from ls_dvc.media.store import MediaStore
from ls_dvc.media.verified import VerifiedFiles

CONTENT = b"a picture"
FILE = media_file(CONTENT)


def filled(root: Path) -> MediaStore:
    store = MediaStore(root)
    arrived = store.temporary() / "x"
    arrived.write_bytes(CONTENT)
    store.put(arrived, FILE.md5)
    return store


def write_through(path: Path, content: bytes) -> None:
    """As a program does that opens a hardlink to write."""
    path.chmod(0o644)
    path.write_bytes(content)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read to take their MD5."""
    seen: list[Path] = []
    taken = files.md5
    monkeypatch.setattr(files, "md5", lambda path: seen.append(path) or taken(path))
    return seen


def test_what_was_put_is_held_and_cannot_be_written(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert store.holds(FILE)
    assert store.path(FILE.md5).stat().st_mode & 0o777 == 0o444
    assert [store.md5_of(path) for path in store.files()] == [FILE.md5]
    assert not store.holds(media_file(b"another"))


@pytest.mark.parametrize("content", [b"A picture", b"a picture, longer", b""])
def test_a_file_with_other_bytes_is_removed(tmp_path: Path, content: bytes) -> None:
    store = filled(tmp_path)
    write_through(store.path(FILE.md5), content)
    assert not store.holds(FILE)
    assert not store.path(FILE.md5).exists()


def test_an_unchanged_file_is_read_once_for_all_processes(
    tmp_path: Path, reads: list[Path]
) -> None:
    path = filled(tmp_path).path(FILE.md5)
    assert MediaStore(tmp_path).holds(FILE)
    assert not reads, "it was hashed as it arrived"
    os.utime(path, ns=(1, 1))
    assert MediaStore(tmp_path).holds(FILE)
    assert MediaStore(tmp_path).holds(FILE)
    assert reads == [path]


@pytest.mark.parametrize("damage", [b"\0" * 7, b"\0" * 8])
def test_a_damaged_memory_only_costs_time(tmp_path: Path, reads: list[Path], damage: bytes) -> None:
    path = filled(tmp_path).path(FILE.md5)
    (tmp_path / "verified").write_bytes(damage)
    assert MediaStore(tmp_path).holds(FILE)
    assert reads == [path]
    assert MediaStore(tmp_path).holds(FILE)
    assert reads == [path]


def test_what_is_known_holds_for_one_content(tmp_path: Path) -> None:
    known = VerifiedFiles()
    path = filled(tmp_path).path(FILE.md5)
    assert known.is_whole(path, FILE.md5)
    assert not known.is_whole(path, "0" * 32)
    assert not known.is_whole(path / "below", FILE.md5)
    assert not known.is_whole(tmp_path, FILE.md5)
