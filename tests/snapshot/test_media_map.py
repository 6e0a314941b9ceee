"""The media map: read as it was written, in little memory, and nothing in it is trusted."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.errors import LsDvcError
from ls_dvc.labels import media
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.media import EXTENSIONS, MediaEntry, MediaFile
from ls_dvc.labels.shards import start_of
from ls_dvc.snapshot import media_map, replay, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

LAUNCHER = Path(__file__).parents[2] / "bench" / "launcher.py"
MB = 1_000_000


def media_file(number: int, kind: str = "image/jpeg") -> MediaFile:
    content = str(number).encode()
    md5, sha256 = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
    return MediaFile(md5, sha256, 50_000 + number, kind, 640, 480)


def entry(task: int, number: int | None = None) -> MediaEntry:
    """What the image of a task led to."""
    file = media_file(task if number is None else number)
    return MediaEntry(task, "image", None, f"/data/upload/1/{task:08x}-street.jpg", file)


def parts(entries: Iterable[MediaEntry]) -> Iterator[SnapshotFile]:
    for start, group in groupby(entries, lambda each: start_of(each.task)):
        yield SnapshotFile(media_map.shard_name(start), media.lines(group))


def written(folder: Path, entries: Iterable[MediaEntry]) -> SnapshotFolder:
    """A snapshot folder with these entries."""
    tasks = [{"id": 1, "data": {}, "annotations": [], "predictions": []}]
    summary = media_map.summary(media_map.MediaTotals(1, 1, 0))
    files = [*snapshot_folder.companions("<View/>", Classes()), *replay.files(tasks), summary]

    def all_files() -> Iterator[SnapshotFile]:
        yield from files
        yield from parts(entries)

    folder.mkdir()
    snapshot_folder.write(folder, all_files())
    return snapshot_folder.read(folder)


MISSING = MediaEntry(2, "image", 3, "s3://b/gone.jpg", missing="not-found")
ENTRIES = [entry(1), MISSING, entry(999), entry(1000), entry(250_000, 1)]


def test_the_map_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", ENTRIES)
    assert list(media_map.entries(folder)) == ENTRIES
    assert media_map.has_media(folder)
    assert list(media_map.parts(folder)) == [
        "media/0000000000.jsonl",
        "media/0000001000.jsonl",
        "media/0000250000.jsonl",
    ]
    document = json.loads(folder.content("media/media.json"))
    assert document == {"bytes": 1, "files": 1, "missing": 0}


def test_entries_come_in_the_order_of_task_ids(tmp_path: Path) -> None:
    tasks = [5, 999, 1000, 9_000, 10_000, 999_999_999, 1_000_000_000]
    folder = written(tmp_path / "s", map(entry, tasks))
    assert [each.task for each in media_map.entries(folder)] == tasks


def test_a_part_that_was_added_has_its_place(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", [entry(5000)])
    folder = folder.patched(parts([entry(1)]), ())
    assert [each.task for each in media_map.entries(folder)] == [1, 5000]
    assert [each.name for each in media_map.files(folder)][:2] == [
        "media/0000000000.jsonl",
        "media/0000005000.jsonl",
    ]


def test_a_content_that_many_tasks_show_is_one_file(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", [entry(1, 7), MISSING, entry(3, 8), entry(5000, 7)])
    assert list(media_map.distinct_files(folder)) == [media_file(7), media_file(8)]


def test_the_entries_of_a_shard_are_found_by_address(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", ENTRIES)
    found = media_map.of_shard(folder, "tasks/0000000000.jsonl")
    assert found == {each.address: each for each in ENTRIES if each.task < 1000}
    assert media_map.of_shard(folder, "tasks/0000077000.jsonl") == {}


def test_the_labels_alone_have_the_fingerprint_that_they_had_without_media(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", ENTRIES)
    alone = media_map.without(folder)
    assert not media_map.has_media(alone)
    assert not list(media_map.entries(alone))
    assert alone.fingerprint != folder.fingerprint
    others = [each for each in folder.manifest.files if not each.startswith("media/")]
    assert sorted(alone.manifest.files) == sorted(others)
    together = alone.patched(media_map.files(folder), ())
    assert together.fingerprint == folder.fingerprint


def test_the_digest_follows_every_part_and_no_order() -> None:
    listing = {"media/a": "1", "media/b": "2"}
    digest = media_map.digest(listing)
    assert digest == media_map.digest(dict(reversed(listing.items())))
    assert digest != media_map.digest({**listing, "media/b": "3"})
    assert digest != media_map.digest({"media/a": "1"})
    assert len(digest) == 64


# --- nothing in it is trusted

GOOD = {**entry(7).document()}


def line(**changed: Any) -> bytes:
    document = {name: value for name, value in {**GOOD, **changed}.items() if value is not ...}
    return json.dumps(document).encode() + b"\n"


HOSTILE: list[dict[str, Any]] = [
    {"md5": "../../../../etc/passwd"},
    {"md5": "../" + "a" * 29},
    {"md5": "A" * 32},
    {"md5": "a" * 32 + "\n"},
    {"md5": "a" * 31},
    {"md5": ["a" * 32]},
    {"sha256": "a" * 32},
    {"sha256": None},
    {"type": "image/../../x"},
    {"type": "../image"},
    {"type": "image/JPEG"},
    {"type": "image/jpeg\n"},
    {"type": 7},
    {"size": -1},
    {"size": 1.5},
    {"size": True},
    {"size": "7"},
    {"size": 2**53},
    {"size": None},
    {"width": -1},
    {"width": 640.0},
    {"height": "480"},
    {"height": ...},
    {"task": "7"},
    {"task": True},
    {"task": None},
    {"object": 7},
    {"object": ...},
    {"item": "0"},
    {"item": False},
    {"address": None},
    {"address": ["a"]},
    {"address": ...},
    {"missing": "../x"},
    {"missing": ""},
    {"missing": None},
    {"missing": "Not found"},
]
BROKEN = [b"{", b"[]", b"7", b"null", b'"text"', b"\xff\xfe", b"{}", b"", b"[" * 100_000]


def test_a_good_line_is_read() -> None:
    unmeasured = replace(media_file(7), width=None, height=None)
    assert list(media.parse(line())) == [entry(7)]
    assert list(media.parse(line(width=None, height=None))) == [replace(entry(7), file=unmeasured)]
    assert list(media.parse(line(more="of a later version"))) == [entry(7)]
    assert not list(media.parse(b""))


@pytest.mark.parametrize("changed", HOSTILE, ids=str)
def test_a_value_of_another_form_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="media map"):
        list(media.parse(line() + line(**changed)))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda each: repr(each[:9]))
def test_a_line_that_is_no_entry_is_refused(broken: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="media map"):
        list(media.parse(line() + broken + b"\n"))


def test_a_map_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    name = media_map.shard_name(0)
    folder = written(tmp_path / "s", ENTRIES)
    hostile = folder.patched([SnapshotFile(name, line(md5="../x"))], ())
    for read in (media_map.entries, media_map.distinct_files):
        with pytest.raises(LsDvcError, match=rf"{tmp_path}/s/{name}: .*'\.\./x'"):
            list(read(hostile))


def test_a_part_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", ENTRIES)
    path = tmp_path / "s" / media_map.shard_name(1000)
    path.write_bytes(path.read_bytes().replace(b"640", b"641"))
    with pytest.raises(LsDvcError, match=r"0000001000\.jsonl was changed"):
        list(media_map.entries(folder))


HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
SIZES = st.none() | st.integers(0, 2**53 - 1)
FILES = st.builds(
    lambda sha256, size, kind, width, height: MediaFile(
        sha256[:32], sha256, size, kind, width, height
    ),
    HASHES,
    st.integers(0, 2**53 - 1),
    st.sampled_from(sorted(EXTENSIONS)),
    SIZES,
    SIZES,
)
REFERENCES = (st.integers(1, 2**31), st.text(), st.none() | st.integers(0, 9), st.text())
ANY_ENTRY = st.builds(MediaEntry, *REFERENCES, FILES) | st.builds(
    MediaEntry, *REFERENCES, st.none(), st.from_regex(r"[a-z][a-z0-9-]*", fullmatch=True)
)


@given(st.lists(ANY_ENTRY, max_size=5))
def test_any_entry_comes_back(entries: list[MediaEntry]) -> None:
    content = media.lines(entries)
    assert list(media.parse(content)) == entries
    assert media.lines(media.parse(content)) == content
    assert content.count(b"\n") == len(entries)


@given(FILES)
def test_the_name_of_a_file_is_made_of_its_hash(file: MediaFile) -> None:
    folder, _, rest = file.name.partition("/")
    assert folder + rest == file.md5 + EXTENSIONS[file.type]


# --- memory

READER = """
import sys, pathlib
from ls_dvc.snapshot import media_map, snapshot_folder
folder = snapshot_folder.read(pathlib.Path(sys.argv[1]))
files = size = 0
for each in media_map.distinct_files(folder):
    files, size = files + 1, size + each.size
assert files == int(sys.argv[2]), files
"""


def peak(tmp_path: Path, entries: int) -> int:
    """The most memory, in bytes, of a process that goes over the files of a map once."""
    written(tmp_path / "s", map(entry, range(1, entries + 1)))
    command = [sys.executable, "-c", READER, str(tmp_path / "s"), str(entries)]
    launched = [sys.executable, str(LAUNCHER), str(tmp_path / "note"), *command]
    subprocess.run(launched, check=True)
    code, seconds, size, cpu = (tmp_path / "note").read_text().split()
    assert code == "0"
    print(f"{entries}: {int(size) / MB:.0f} MB, {float(seconds):.1f} s, {float(cpu):.1f} s CPU")
    return int(size)


def test_a_map_is_read_part_by_part(tmp_path: Path) -> None:
    """50,000 entries at once would take 45 MB more than the process itself."""
    (tmp_path / "few").mkdir()
    few, many = peak(tmp_path / "few", 1000), peak(tmp_path, 50_000)
    assert many - few <= 20 * MB


@pytest.mark.soak
def test_a_map_of_a_million_entries(tmp_path: Path) -> None:
    assert peak(tmp_path, 1_000_000) <= 400 * MB
