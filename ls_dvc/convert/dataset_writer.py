"""Writes the chunks of a format into its folder: loose files, archives, files of the media."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, Protocol

from ls_dvc.convert.dataset_folder import FormatSummary, digest_of_all, file_digest
from ls_dvc.errors import BugError
from ls_dvc.formats.interface import Chunk
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.shards import start_of


class MediaSource(Protocol):
    """Where the media that a format names can be had."""

    def place(self, file: MediaFile, target: Path) -> None:
        """Make the new file `target` with this content; `LsDvcError` when it cannot be had."""

    def read(self, file: MediaFile) -> bytes:
        """Its content."""


def write_format(
    folder: Path,
    chunks: Iterable[Chunk],
    media: MediaSource | None = None,
    *,
    archived: bool = False,
) -> FormatSummary:
    """Write a format's files below `folder`, which is made.

    `archived` puts the small files of tasks into a tar archive for each shard: DVC is slow with
    many files, and a changed label still changes only one archive. `media` has the files that
    chunks name.
    """
    folder.mkdir()
    with LooseFiles(folder, media) as files:
        archives = ShardArchives(files)
        for (path, task, file), group in groupby(chunks, key=attrgetter("path", "task", "file")):
            if file is not None:
                if archived and task is not None:
                    archives.add(path, task, files.content(file))
                else:
                    files.place(path, file)
            elif task is None:
                for chunk in group:
                    files.extend(path, chunk.data)
            elif archived:
                archives.add(path, task, b"".join([chunk.data for chunk in group]))
            else:
                files.add(path, b"".join([chunk.data for chunk in group]))
        archives.end()
    return files.summary()


@dataclass
class LooseFiles:
    """The files of a folder as they are written; no path twice, and none outside."""

    folder: Path
    media: MediaSource | None = None
    folders: set[str] = field(default_factory=lambda: {""})
    open: dict[str, tuple[BinaryIO, hashlib._Hash]] = field(default_factory=dict)
    count: int = 0
    size: int = 0
    sum: int = 0

    def add(self, path: str, data: bytes) -> None:
        """Write a whole file, unbuffered: a buffer for each of many small files costs more."""
        with self._create(path, buffering=0) as out:
            left = memoryview(data)
            while left:
                left = left[out.write(left) :]
        self._count(path, len(data), hashlib.sha256(data))

    def place(self, path: str, file: MediaFile) -> None:
        """Make a file of the media's: a link where the disk can, else a copy."""
        self._make_parent(path)
        target = self.folder / path
        if target.exists():
            raise BugError(f"a format writes {path!r} twice")
        self._media.place(file, target)
        self.count += 1
        self.size += file.size
        self.sum += file_digest(path, bytes.fromhex(file.sha256))

    def content(self, file: MediaFile) -> bytes:
        """The content of a file of the media's."""
        return self._media.read(file)

    @property
    def _media(self) -> MediaSource:
        if self.media is None:
            raise BugError("a format writes media, and there are none")
        return self.media

    def extend(self, path: str, data: bytes) -> None:
        """Append to a file, which is created if it is not there, and stays open."""
        if path not in self.open:
            self.open[path] = self._create(path), hashlib.sha256()
        out, digest = self.open[path]
        digest.update(data)
        out.write(data)

    def close(self, path: str) -> None:
        """Close a file and add it to the summary."""
        out, digest = self.open.pop(path)
        with out:
            size = out.tell()
        self._count(path, size, digest)

    def summary(self) -> FormatSummary:
        """All that was written, once every file is closed."""
        return FormatSummary(self.count, self.size, digest_of_all(self.sum))

    def __enter__(self) -> LooseFiles:
        return self

    def __exit__(self, *_: object) -> None:
        for path in list(self.open):
            self.close(path)

    def _count(self, path: str, size: int, content: hashlib._Hash) -> None:
        self.count += 1
        self.size += size
        self.sum += file_digest(path, content.digest())

    def _make_parent(self, path: str) -> None:
        if not {"", ".", ".."}.isdisjoint(path.split("/")):
            raise BugError(f"a format writes outside its folder: {path!r}")
        parent = path.rpartition("/")[0]
        if parent not in self.folders:
            (self.folder / parent).mkdir(parents=True, exist_ok=True)
            self.folders.add(parent)

    def _create(self, path: str, buffering: int = -1) -> BinaryIO:
        self._make_parent(path)
        try:
            return open(f"{self.folder}/{path}", "xb", buffering)  # noqa: PTH123  (a Path is slow)
        except FileExistsError as error:
            raise BugError(f"a format writes {path!r} twice") from error


@dataclass
class ShardArchives:
    """Small files as members of archives: `labels/a.txt` goes into `labels/<shard>.tar`.

    Their bytes depend on names and contents alone: no owner, no time, no host.
    """

    files: LooseFiles
    current: dict[str, str] = field(default_factory=dict)  # the open archive of each folder

    def add(self, path: str, task: int, data: bytes) -> None:
        """Put a file into the archive of its task's shard; in each folder shards come in order."""
        folder, _, name = path.rpartition("/")
        archive = f"{folder}/{start_of(task):010d}.tar".removeprefix("/")
        if self.current.get(folder) != archive:
            self._end(folder)
            self.current[folder] = archive
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o644
        header = member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
        self.files.extend(archive, header + data + bytes(-len(data) % tarfile.BLOCKSIZE))

    def end(self) -> None:
        """Finish the open archives."""
        for folder in list(self.current):
            self._end(folder)

    def _end(self, folder: str) -> None:
        archive = self.current.pop(folder, None)
        if archive is not None:
            self.files.extend(archive, bytes(2 * tarfile.BLOCKSIZE))
            self.files.close(archive)
