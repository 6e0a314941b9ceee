"""The files of a format's folder as they are written, and where its media come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from ls_dvc.convert.dataset_folder import FormatSummary, digest_of_all, file_digest
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.labels.media import MediaFile

OPEN_FILES = 100  # at most at once: a format may have an archive in each of many folders


class MediaSource(Protocol):
    """Where the media that a format names can be had."""

    def place(self, file: MediaFile, target: Path) -> None:
        """Make the new file `target` with this content; `LsDvcError` when it cannot be had."""

    def open(self, file: MediaFile) -> BinaryIO:
        """Its content, not checked yet, which more may follow; `LsDvcError` when it is gone."""


@dataclass
class LooseFiles:
    """The files of a folder as they are written; no path twice, and none outside."""

    folder: Path
    media: MediaSource | None = None
    folders: set[str] = field(default_factory=lambda: {""})
    unfinished: dict[str, hashlib._Hash] = field(default_factory=dict)
    open: dict[str, BinaryIO] = field(default_factory=dict)  # of those, the latest OPEN_FILES
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

    def blocks(self, file: MediaFile) -> Iterator[bytes]:
        """The content of a file of the media's; `LsDvcError` after the last when it is another."""
        digest, left = hashlib.sha256(), file.size
        with self._media.open(file) as content:
            while left and (block := content.read(min(left, 1 << 20))):
                digest.update(block)
                left -= len(block)
                yield block
        if left or digest.hexdigest() != file.sha256:
            raise LsDvcError(
                f"the media file {file.name} has other bytes than those that were pinned",
                "run `dvc checkout` to restore the committed files",
            )

    @property
    def _media(self) -> MediaSource:
        if self.media is None:
            raise BugError("a format writes media, and there are none")
        return self.media

    def extend(self, path: str, data: bytes) -> None:
        """Append to a file, which is created if it is not there, and stays unfinished."""
        if path not in self.open:
            if len(self.open) == OPEN_FILES:
                self.open.pop(next(iter(self.open))).close()
            is_new = path not in self.unfinished
            self.open[path] = self._create(path) if is_new else (self.folder / path).open("ab")
            self.unfinished.setdefault(path, hashlib.sha256())
        self.unfinished[path].update(data)
        self.open[path].write(data)

    def finish(self, path: str) -> None:
        """Close a file and add it to the summary."""
        if path in self.open:
            self.open.pop(path).close()
        size = (self.folder / path).stat().st_size
        self._count(path, size, self.unfinished.pop(path))

    def summary(self) -> FormatSummary:
        """All that was written, once every file is closed."""
        return FormatSummary(self.count, self.size, digest_of_all(self.sum))

    def __enter__(self) -> LooseFiles:
        return self

    def __exit__(self, *_: object) -> None:
        for path in list(self.unfinished):
            self.finish(path)

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
