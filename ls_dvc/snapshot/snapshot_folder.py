"""The snapshot folder: canonical tasks in shards of fixed id ranges, and a manifest over them.

    data/snapshot/
      manifest.json            the files with their digests, and the fingerprint
      label_config.xml
      classes.json             class names by space, in the order of their ids
      tasks/0000001000.jsonl   the tasks 1000 to 1999, one a line, ordered by id
      converted/               formats that the server wrote, if any; see `server_formats`

A changed task changes one shard, so DVC stores one small file again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ls_dvc.errors import LsDvcError, UnreadableInputError
from ls_dvc.io import canonical_json
from ls_dvc.io.strict_values import relative_path
from ls_dvc.labels import canonical
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.shards import start_of
from ls_dvc.snapshot.manifest import (
    MANIFEST,
    SHARDS,
    Manifest,
    SnapshotFile,
    manifest_entry,
    shard_name,
)

LABEL_CONFIG = "label_config.xml"
CLASSES = "classes.json"


class SnapshotSource(Protocol):
    """Where the files of a snapshot folder are: on the disk, or in DVC's cache at a commit."""

    def read(self, name: str) -> bytes:
        """The content of the file with this relative path; `OSError` when it is not there."""

    def names(self) -> set[str]:
        """The relative paths of all files."""

    def __str__(self) -> str:
        """Its name in messages."""


@dataclass(frozen=True)
class FolderOnDisk:
    """A folder on the disk."""

    path: Path

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return (self.path / name).read_bytes()

    def names(self) -> set[str]:
        """Every file below the folder."""
        files = (path for path in self.path.rglob("*") if path.is_file())
        return {path.relative_to(self.path).as_posix() for path in files}

    def __str__(self) -> str:
        """The path as the user gave it."""
        return str(self.path)


@dataclass(frozen=True)
class PatchedSource:
    """Another source in which some files are replaced or added."""

    source: SnapshotSource
    contents: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return self.contents[name] if name in self.contents else self.source.read(name)

    def names(self) -> set[str]:
        """Those of the source, and the added ones."""
        return self.source.names() | self.contents.keys()

    def __str__(self) -> str:
        """The name of the other source."""
        return str(self.source)


@dataclass(frozen=True)
class SnapshotFolder:
    """A snapshot folder to read. Every file is checked against the manifest as it is read."""

    source: SnapshotSource
    manifest: Manifest

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the labels in this folder."""
        return self.manifest.fingerprint

    def config(self) -> str:
        """The XML of the label config."""
        return self._checked(LABEL_CONFIG).decode()

    def classes(self) -> Classes:
        """The class ids."""
        return Classes.of(json.loads(self._checked(CLASSES)))

    def content(self, name: str) -> bytes:
        """The content of any file."""
        return self._checked(name)

    def files(self) -> Iterator[SnapshotFile]:
        """Every shard, in the order of the ids in them."""
        for name in self.manifest.shards:
            yield SnapshotFile(name, self._checked(name), self.manifest.files[name].counts)

    def tasks(self) -> Iterator[Task]:
        """Every task, ordered by id, one shard in memory at a time."""
        for name in self.manifest.shards:
            yield from self.tasks_in(name)

    def lines_in(self, name: str) -> list[bytes]:
        """The lines of one shard, a task each, ordered by id; none when there is no such shard."""
        content = self._checked(name) if name in self.manifest.files else b""
        return content.removesuffix(b"\n").split(b"\n") if content else []

    def tasks_in(self, name: str) -> Iterator[Task]:
        """The tasks of one shard, ordered by id; none when there is no such shard."""
        return map(canonical.parse, self.lines_in(name))

    def task(self, task_id: int) -> Task | None:
        """One task; None when it is not in this folder."""
        tasks = self.tasks_in(shard_name(start_of(task_id)))
        return next((task for task in tasks if task["id"] == task_id), None)

    def patched(self, files: Iterable[SnapshotFile], removed: Iterable[str]) -> SnapshotFolder:
        """This folder with `files` in it and without the `removed` names; nothing is written."""
        files = list(files)
        contents = {file.name: file.content for file in files}
        return SnapshotFolder(
            PatchedSource(self.source, contents), self.manifest.without(removed).with_files(files)
        )

    def only(self, names: Iterable[str]) -> SnapshotFolder:
        """A part of this folder: the files with these names, as far as they are in it."""
        files = self.manifest.files
        return replace(self, manifest=Manifest({n: files[n] for n in names if n in files}))

    def with_contents(self) -> SnapshotFolder:
        """This folder with the contents of its files in memory."""
        contents = {name: self._checked(name) for name in self.manifest.files}
        return replace(self, source=PatchedSource(self.source, contents))

    def check(self, known: set[str] | None = None) -> None:
        """Read every file against the manifest; `LsDvcError` names the first that differs.

        `known` are the SHA-256 of content that was already checked at this source; it grows.
        """
        known = set() if known is None else known
        for name, entry in self.manifest.files.items():
            if entry.sha256 not in known:
                self._checked(name)
                known.add(entry.sha256)
        for name in sorted(self.source.names() - set(self.manifest.files) - {MANIFEST}):
            raise LsDvcError(f"{self.source}/{name} does not belong to this snapshot", _RESTORE)

    def _checked(self, name: str) -> bytes:
        where = f"{self.source}/{name}"
        try:
            content = self.source.read(name)
        except OSError as error:
            raise UnreadableInputError(
                f"cannot read {where}: {error.strerror or error}", _RESTORE
            ) from error
        if canonical_json.digest(content) != self.manifest.files[name].sha256:
            raise UnreadableInputError(f"{where} was changed since it was exported", _RESTORE)
        return content


_RESTORE = "run `dvc checkout` to restore the committed files"


def companions(config: str, classes: Classes) -> list[SnapshotFile]:
    """The files next to the shards: label config and class ids."""
    registry = canonical_json.document(classes.document())
    return [SnapshotFile(LABEL_CONFIG, config.encode()), SnapshotFile(CLASSES, registry)]


def write(folder: Path, files: Iterable[SnapshotFile]) -> Manifest:
    """Write `files` and the manifest over them into the empty `folder`."""
    (folder / SHARDS).mkdir()

    def written() -> Iterator[SnapshotFile]:
        for file in files:
            path = folder / file.name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file.content)
            yield file

    manifest = Manifest.of(written())
    (folder / MANIFEST).write_bytes(canonical_json.document(manifest.document()))
    return manifest


def read(source: SnapshotSource | Path) -> SnapshotFolder:
    """The snapshot folder at `source`; `LsDvcError` when there is none, or it is damaged."""
    source = FolderOnDisk(source) if isinstance(source, Path) else source
    where = f"{source}/{MANIFEST}"
    try:
        document = json.loads(source.read(MANIFEST))
        entries = {relative_path(n): manifest_entry(e) for n, e in document["files"].items()}
        fingerprint = document["fingerprint"]
    except FileNotFoundError as error:
        raise LsDvcError(f"there is no snapshot in {source}", "run `dvc pull`") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LsDvcError(f"{where} cannot be read: {error}", _RESTORE) from error
    folder = SnapshotFolder(source, Manifest(entries))
    if folder.fingerprint != fingerprint:
        raise LsDvcError(f"{where} was changed since it was exported", _RESTORE)
    return folder
