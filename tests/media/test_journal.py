"""What an update that was cut had fetched is known to the next one, for a day."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ls_dvc.labels.media import MediaFile
from ls_dvc.media.journal import KEPT_SECONDS, NotedMedia, opened
from ls_dvc.media.results import Fetched
from ls_dvc.media.store import MediaStore

PICTURE = MediaFile("a" * 32, "b" * 64, 5, "image/png", 640, 480)
SERVER = "http://labels.example.com"


def test_it_outlives_the_process_that_wrote_it(tmp_path: Path) -> None:
    with opened(MediaStore(tmp_path), SERVER) as journal:
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE), '"tag"')
        journal.save("/data/upload/1/b.png", NotedMedia(None, "not-found"))
    with opened(MediaStore(tmp_path), SERVER) as journal:
        assert journal.arrival("/data/upload/1/a.png", 0) == NotedMedia(PICTURE)
        assert journal.arrival("/data/upload/1/b.png", 0) == NotedMedia(None, "not-found")
        assert journal.fetched("/data/upload/1/a.png") == Fetched(
            "/data/upload/1/a.png", PICTURE, '"tag"'
        )
        assert journal.fetched("/data/upload/1/b.png") is None
        assert journal.arrival("/data/upload/1/c.png", 0) is None


def test_another_server_has_other_files_at_the_same_address(tmp_path: Path) -> None:
    with opened(MediaStore(tmp_path), SERVER) as journal:
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE))
    with opened(MediaStore(tmp_path), "http://other.example.com") as journal:
        assert journal.arrival("/data/upload/1/a.png", 0) is None


def test_what_is_old_is_asked_for_again(tmp_path: Path) -> None:
    with opened(MediaStore(tmp_path), SERVER) as journal:
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE))
        now = time.time()
        assert journal.arrival("/data/upload/1/a.png", now - KEPT_SECONDS) == NotedMedia(PICTURE)
        assert journal.arrival("/data/upload/1/a.png", now + 1) is None


def test_a_damaged_one_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "arrived.sqlite").write_bytes(b"no database at all" * 100)
    with opened(MediaStore(tmp_path), SERVER) as journal:
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE))
        assert journal.arrival("/data/upload/1/a.png", 0) == NotedMedia(PICTURE)


DAMAGE = {
    "a missing column": "alter table arrived drop column validator",
    "another key": "drop table arrived; create table arrived (server, address, file, missing, at)",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_one_of_another_form_is_begun_anew(tmp_path: Path, damage: str) -> None:
    with opened(MediaStore(tmp_path), SERVER) as journal:
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE))
        journal.connection.executescript(damage)
    with opened(MediaStore(tmp_path), SERVER) as journal:
        assert journal.arrival("/data/upload/1/a.png", 0) is None
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE), "tag")
        assert journal.fetched("/data/upload/1/a.png") is not None


def test_one_with_a_damaged_page_is_begun_anew(tmp_path: Path) -> None:
    with opened(MediaStore(tmp_path), SERVER) as journal:
        for number in range(200):
            journal.save(f"/data/upload/1/{number}.png", NotedMedia(PICTURE))
    path = tmp_path / "arrived.sqlite"
    content = bytearray(path.read_bytes())
    content[5 * 4096 : 5 * 4096 + 100] = b"\xff" * 100
    path.write_bytes(content)
    with opened(MediaStore(tmp_path), SERVER) as journal:
        found = [journal.arrival(f"/data/upload/1/{number}.png", 0) for number in range(200)]
        assert found == [None] * 200


@pytest.mark.parametrize("note", ["{", "[]", '{"md5": "x"}', "[" * 3000])
def test_a_damaged_note_is_asked_for_again(tmp_path: Path, note: str) -> None:
    with opened(MediaStore(tmp_path), SERVER) as journal:
        journal.save("/data/upload/1/a.png", NotedMedia(PICTURE))
        journal.connection.execute("update arrived set file = ?", (note,))
        assert journal.arrival("/data/upload/1/a.png", 0) is None
        assert journal.fetched("/data/upload/1/a.png") is None
