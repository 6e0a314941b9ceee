"""Media maps in the side cache: found by digest, checked, and shared between versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from ls_dvc.media.map_cache import MapCache
from ls_dvc.snapshot import media_map


def test_a_map_comes_back_whole(tmp_path: Path) -> None:
    cache = MapCache(tmp_path / "maps")
    listing = {"media/b.jsonl": cache.put_part(b"2\n"), "media/a.jsonl": cache.put_part(b"1\n")}
    digest = cache.put(listing)
    assert digest == media_map.digest(listing)
    assert [(each.name, each.content) for each in cache.files(digest)] == [
        ("media/a.jsonl", b"1\n"),
        ("media/b.jsonl", b"2\n"),
    ]


def test_a_part_that_two_maps_share_is_there_once(tmp_path: Path) -> None:
    cache = MapCache(tmp_path)
    same = cache.put_part(b"same\n")
    cache.put({"media/a.jsonl": same})
    cache.put({"media/a.jsonl": same, "media/b.jsonl": cache.put_part(b"new\n")})
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


def test_what_is_not_here(tmp_path: Path) -> None:
    cache = MapCache(tmp_path)
    with pytest.raises(FileNotFoundError):
        list(cache.files("0" * 64))
    part = cache.put_part(b"1\n")
    digest = cache.put({"media/a.jsonl": part})
    cache.part(part).unlink()
    with pytest.raises(FileNotFoundError):
        list(cache.files(digest))


@pytest.mark.parametrize("which", ["part", "listing"])
def test_what_was_changed_is_not_taken(tmp_path: Path, which: str) -> None:
    cache = MapCache(tmp_path)
    part = cache.put_part(b"1\n")
    digest = cache.put({"media/a.jsonl": part})
    other = cache.part(part) if which == "part" else cache.listing(digest)
    other.write_bytes(b'{"media/x.jsonl": "../../x"}')
    with pytest.raises(ValueError, match="damaged"):
        list(cache.files(digest))
