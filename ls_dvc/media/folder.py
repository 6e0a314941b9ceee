"""data/media to read, in either layout: every file is checked as it is used."""

from __future__ import annotations

import io
import os
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from ls_dvc.errors import LsDvcError
from ls_dvc.io.links import KINDS, LinkKind, link
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.media.layout import (
    ARCHIVE,
    MediaLayout,
    Writable,
    archive_name,
    archives,
    copy_checked,
    damaged,
    member_name,
    new_file,
)
from ls_dvc.media.verified import VerifiedFiles


class _Nowhere(io.RawIOBase):
    """What is written is forgotten."""

    def write(self, content: Any) -> int:
        return len(content)


class _Member(io.RawIOBase):
    """A part of an archive as a file of its own: a reader that seeks does not leave it."""

    def __init__(self, pack: BinaryIO, offset: int, size: int) -> None:
        self._pack, self._offset, self._size, self._at = pack, offset, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._pack.seek(self._offset + self._at)
        content = self._pack.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def close(self) -> None:
        self._pack.close()
        super().close()


class MediaFolder:
    """The media in the folder `path`, or in the archives `packs` alone.

    `placed` counts the bytes that `place` made by each kind of link. Of loose files those that
    `verified` knows are not read again.
    """

    def __init__(
        self,
        path: Path,
        verified: VerifiedFiles | None = None,
        kinds: tuple[LinkKind, ...] = KINDS,
        packs: Iterable[Path] | None = None,
    ) -> None:
        self.path = path
        self.placed: Counter[LinkKind] = Counter()
        self._verified = verified or VerifiedFiles()
        self._kinds = kinds
        self._given = packs

    def place(self, file: MediaFile, target: Path) -> None:
        """Make the new file `target` with this content: a link where the disk can, else a copy."""
        if self._packs:
            with new_file(target) as out:
                self._copy(file, out)
            self.placed["copy"] += file.size
            return
        source = self.path / file.name
        if not self._verified.is_whole(source, file.md5, file.size):
            raise damaged(self.path, file)
        self.placed[link(source, target, self._kinds)] += file.size

    def open(self, file: MediaFile) -> BinaryIO:
        """Its content."""
        try:
            if not self._packs:
                return (self.path / file.name).open("rb")
            pack, offset = self._members[member_name(file)]
            content = pack.open("rb")
        except (KeyError, OSError) as error:
            raise damaged(self.path, file) from error
        return io.BufferedReader(_Member(content, offset, file.size))

    def is_whole(self, file: MediaFile, pack: str = "") -> bool:
        """Whether the content is there, and whole; in the archive called `pack`, if it is named."""
        if not self._packs:
            return self._verified.is_whole(self.path / file.name, file.md5, file.size)
        found, _ = self._members.get(member_name(file), (None, 0))
        if found is None or pack not in ("", found.name):
            return False
        try:
            self._copy(file, _Nowhere())
        except LsDvcError:
            return False
        return True

    @property
    def layout(self) -> MediaLayout:
        """Whether the files are in archives (`tar`), or loose."""
        return "tar" if self._packs else "loose"

    def _copy(self, file: MediaFile, out: Writable) -> None:
        with self.open(file) as content:
            copy_checked(content, out, file, self.path)

    @cached_property
    def _packs(self) -> list[Path]:
        if self._given is not None:
            return list(self._given)
        return sorted(each for each in self.path.glob("*.tar") if ARCHIVE.fullmatch(each.name))

    @cached_property
    def _members(self) -> Mapping[str, tuple[Path, int]]:
        """The archive of each member, and where its content begins."""
        return {name: (pack, at) for pack in self._packs for name, at in members(pack)}


def problems(
    folder: MediaFolder, entries: Callable[[], Iterable[MediaEntry]], layout: MediaLayout
) -> Iterator[str]:
    """What is wrong with a data/media that should have the files of `entries`.

    First whether the right files are there, then what they hold; of loose files those that the
    folder's `verified` knows are not read.
    """
    found = names(folder.path)
    if found and folder.layout != layout:
        yield f"{folder.path} has another layout than {layout}"
        return
    missing = {name for name, _ in _expected(entries(), layout) if name not in found}
    found.difference_update(name for name, _ in _expected(entries(), layout))
    yield from (f"{folder.path / name} is missing" for name in sorted(missing))
    yield from (f"{folder.path / name} is no media file of these" for name in sorted(found))
    for name, file in _expected(entries(), layout):
        if name not in missing and not folder.is_whole(file, name):
            yield f"{folder.path} lacks {file.name}, or has other bytes"


def _expected(
    entries: Iterable[MediaEntry], layout: MediaLayout
) -> Iterator[tuple[str, MediaFile]]:
    """Every content, and the name of the file that has it."""
    for start, file in archives(entries):
        yield (archive_name(start) if layout == "tar" else file.name), file


def names(path: Path) -> set[str]:
    """The relative paths of all files in a data/media."""
    files = (each for each in path.rglob("*") if each.is_symlink() or not each.is_dir())
    return {each.relative_to(path).as_posix() for each in files}


def members(pack: Path) -> Iterator[tuple[str, int]]:
    """The members of an archive and where the content of each begins; only headers are read."""
    with pack.open("rb") as content:
        end = os.fstat(content.fileno()).st_size
        at = 0
        while at < end:
            content.seek(at)
            try:
                header = content.read(tarfile.BLOCKSIZE)
                member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except tarfile.HeaderError:  # the end of the archive, or damage: then files are missing
                return
            at += tarfile.BLOCKSIZE
            yield member.name, at
            at += -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
