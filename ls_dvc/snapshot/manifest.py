"""The manifest of a snapshot folder: its files, their digests, and the fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ls_dvc.io import canonical_json
from ls_dvc.io.strict_values import SHA256, mapping, matching
from ls_dvc.labels.canonical import Task
from ls_dvc.snapshot.counts import SnapshotCounts

SHARDS = "tasks/"


MANIFEST = "manifest.json"


FORM = 1  # raised whenever the canonical form changes, which changes every fingerprint


@dataclass(frozen=True)
class SnapshotFile:
    """A file of the folder: relative path, content, and the counts of what is in it."""

    name: str
    content: bytes
    counts: SnapshotCounts = field(default_factory=SnapshotCounts)


@dataclass(frozen=True)
class ManifestEntry:
    """A file as the manifest lists it; `sha256` in hexadecimal."""

    sha256: str
    counts: SnapshotCounts = field(default_factory=SnapshotCounts)

    def document(self) -> dict[str, Any]:
        """The JSON of this entry; counts of nothing are left out."""
        counts = {key: value for key, value in vars(self.counts).items() if value}
        return {"sha256": self.sha256, **counts}


@dataclass(frozen=True)
class Manifest:
    """What a snapshot folder holds, by relative path."""

    files: Mapping[str, ManifestEntry]

    @classmethod
    def of(cls, files: Iterable[SnapshotFile]) -> Manifest:
        """The manifest of `files`, which are read once and not kept."""
        return cls(
            {f.name: ManifestEntry(canonical_json.digest(f.content), f.counts) for f in files}
        )

    def with_files(self, files: Iterable[SnapshotFile]) -> Manifest:
        """This one and `files`."""
        return Manifest({**self.files, **Manifest.of(files).files})

    def without(self, names: Iterable[str]) -> Manifest:
        """This one, but for the files with these names."""
        return Manifest({name: self.files[name] for name in self.files.keys() - set(names)})

    @cached_property
    def fingerprint(self) -> str:
        """The digest of the content alone: tasks, label config and class ids."""
        listing = {name: entry.sha256 for name, entry in self.files.items()}
        return canonical_json.digest(canonical_json.line({"form": FORM, "files": listing}))

    @cached_property
    def counts(self) -> SnapshotCounts:
        """The counts of all files."""
        return SnapshotCounts.sum(entry.counts for entry in self.files.values())

    @property
    def shards(self) -> Mapping[str, str]:
        """The SHA-256 of each shard by its name, in the order of the ids in them."""
        names = sorted(name for name in self.files if name.startswith(SHARDS))
        return {name: self.files[name].sha256 for name in names}

    def document(self) -> dict[str, Any]:
        """The JSON of `manifest.json`."""
        return {
            "form": FORM,
            "fingerprint": self.fingerprint,
            "tasks": self.counts.tasks,
            "annotations": self.counts.annotations,
            "files": {name: entry.document() for name, entry in sorted(self.files.items())},
        }


def shard(start: int, tasks: Iterable[Task]) -> SnapshotFile:
    """The file of the shard that begins at id `start`; `tasks` canonical, ordered by id."""
    tasks = list(tasks)
    return SnapshotFile(
        shard_name(start), b"".join(map(canonical_json.line, tasks)), SnapshotCounts.of(tasks)
    )


def shard_name(start: int) -> str:
    """The relative path of the shard that begins at id `start`."""
    return f"{SHARDS}{start:010d}.jsonl"


def start_in(name: str) -> int:
    """The first id of the shard with this relative path."""
    return int(name.removeprefix(SHARDS).partition(".")[0])


def manifest_entry(document: Any) -> ManifestEntry:
    """An entry of manifest.json, as `ManifestEntry.document` wrote it; else `ValueError`."""
    given = dict(mapping(document))
    return ManifestEntry(matching(SHA256, given.pop("sha256", None)), SnapshotCounts.read(given))
