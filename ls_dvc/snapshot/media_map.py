"""The media map, as a part of the snapshot folder: what each address in the tasks led to.

    data/snapshot/
      media/media.json          how many files, bytes and missing addresses there are
      media/0000001000.jsonl    the entries of the tasks 1000 to 1999, ordered as tasks show them

The fingerprint covers it. Shards without an entry are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ls_dvc.errors import LsDvcError
from ls_dvc.io import canonical_json, strict_values
from ls_dvc.labels import media
from ls_dvc.labels.media import MediaEntry, MediaFile, TaskMedia
from ls_dvc.pin.pin import PinnedMedia
from ls_dvc.snapshot.manifest import Manifest, SnapshotFile, start_in
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

FOLDER = "media/"
SUMMARY = f"{FOLDER}media.json"

ReadMap = Callable[[PinnedMedia], Iterable[SnapshotFile]]


@dataclass(frozen=True)
class MediaTotals:
    """How many distinct files the media are, their bytes, and how many addresses led to nothing."""

    files: int
    bytes: int
    missing: int


def shard_name(start: int) -> str:
    """The relative path of the part for the tasks from id `start` on."""
    return f"{FOLDER}{start:010d}.jsonl"


def summary(totals: MediaTotals) -> SnapshotFile:
    """media.json: the file that is always there, so that DVC finds the folder."""
    return SnapshotFile(SUMMARY, canonical_json.document(vars(totals)))


def has_media(folder: SnapshotFolder) -> bool:
    """Whether the labels of a snapshot folder come with media."""
    return SUMMARY in folder.manifest.files


def totals(folder: SnapshotFolder) -> MediaTotals | None:
    """How many media there are; None where the labels come alone. `LsDvcError` when unreadable."""
    if not has_media(folder):
        return None
    try:
        document = canonical_json.parse(folder.content(SUMMARY))
        names = ("files", "bytes", "missing")
        return MediaTotals(*(strict_values.count(document[name]) for name in names))
    except (ValueError, TypeError, KeyError) as error:
        raise LsDvcError(f"{folder.source}/{SUMMARY}: {error}", "run `dvc repro`") from error


def parts(folder: SnapshotFolder) -> Mapping[str, str]:
    """The SHA-256 of each part of the map by its name, in the order of task ids."""
    names = sorted(
        name for name in folder.manifest.files if name.startswith(FOLDER) and name != SUMMARY
    )
    return {name: folder.manifest.files[name].sha256 for name in names}


def files(folder: SnapshotFolder) -> Iterator[SnapshotFile]:
    """The files of the map in a snapshot folder."""
    for name in sorted(name for name in folder.manifest.files if name.startswith(FOLDER)):
        yield SnapshotFile(name, folder.content(name))


def without(folder: SnapshotFolder) -> SnapshotFolder:
    """The folder without the map: the labels alone."""
    return folder.patched((), [name for name in folder.manifest.files if name.startswith(FOLDER)])


def of_shard(folder: SnapshotFolder, shard: str) -> TaskMedia:
    """The entries of the tasks in a shard (`tasks/…`), by address."""
    name = shard_name(start_in(shard))
    if name not in folder.manifest.files:
        return {}
    return {entry.address: entry for entry in entries_in(folder, name)}


def with_shard(folder: SnapshotFolder, shard: str) -> SnapshotFolder:
    """The part of a snapshot folder that is a shard of tasks, and what its addresses led to."""
    return folder.only((shard, SUMMARY, shard_name(start_in(shard))))


def entries_in(folder: SnapshotFolder, name: str) -> Iterator[MediaEntry]:
    """The entries of one part; `LsDvcError` when it cannot be read."""
    try:
        yield from media.parse(folder.content(name))
    except ValueError as error:
        raise LsDvcError(f"{folder.source}/{name}: {error}", "run `dvc repro`") from error


def entries(folder: SnapshotFolder) -> Iterator[MediaEntry]:
    """All entries, in the order of task ids, one part in memory at a time."""
    for name in parts(folder):
        yield from entries_in(folder, name)


def distinct_files(folder: SnapshotFolder) -> Iterator[MediaFile]:
    """Every content that the map names, once each, in the order of task ids."""
    seen = set[bytes]()
    for entry in entries(folder):
        if entry.file is not None:
            digest = bytes.fromhex(entry.file.md5)
            if digest not in seen:
                seen.add(digest)
                yield entry.file


def digest(listing: Mapping[str, str]) -> str:
    """The SHA-256 of a map whose files have these SHA-256, by name: `PinnedMedia.map`."""
    return canonical_json.digest(canonical_json.line(dict(listing)))


def moved(before: Manifest, after: Manifest) -> bool:
    """Whether two snapshot folders have other maps, and the second has one."""
    old, new = (
        {name: each.files[name].sha256 for name in each.files if name.startswith(FOLDER)}
        for each in (before, after)
    )
    return bool(new) and old != new
