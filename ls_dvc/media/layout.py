"""data/media: the files of the media map by hash, as DVC stores them.

    loose     ab/cdef….jpg      a file for each content
    tar       0000000100.tar    the media of the tasks 100 to 199, members `abcdef….jpg`

An archive has what no archive before it has, so that each content is there once.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, Protocol

from ls_dvc.convert.loose_files import MediaSource
from ls_dvc.errors import LsDvcError
from ls_dvc.labels.media import MediaEntry, MediaFile

MediaLayout = Literal["loose", "tar"]
IDS = 100  # of tasks whose media share an archive
ARCHIVE = re.compile(r"\d{10}\.tar")

_AGAIN = "run `dvc checkout` to restore the committed files, or `dvc repro` to make them again"


class Writable(Protocol):
    """What takes bytes."""

    def write(self, content: bytes, /) -> int:
        """Take these."""


def damaged(where: object, file: MediaFile) -> LsDvcError:
    """The error of a file that is missing, or has other content than its name says."""
    return LsDvcError(f"{where} lacks the media file {file.name}, or has other bytes", _AGAIN)


def archive_name(start: int) -> str:
    """The name of the archive for the tasks from id `start` on."""
    return f"{start:010d}.tar"


def member_name(file: MediaFile) -> str:
    """What a content is called in an archive."""
    return f"{file.md5}{file.extension}"


def archive_start(task: int) -> int:
    """The first task id of the archive that has the media of a task."""
    return task - task % IDS


def archives(entries: Iterable[MediaEntry]) -> Iterator[tuple[int, MediaFile]]:
    """Every content once, with the first task id of its archive; `entries` by task id."""
    for entry in first_entries(entries):
        if entry.file is not None:
            yield archive_start(entry.task), entry.file


def first_entries(entries: Iterable[MediaEntry]) -> Iterator[MediaEntry]:
    """The first entry of every content."""
    seen = set[bytes]()
    for entry in entries:
        if entry.file is not None:
            digest = bytes.fromhex(entry.file.md5)
            if digest not in seen:
                seen.add(digest)
                yield entry


class LocatedFile(NamedTuple):
    """A content, where it can be had, and the first task id of its archive."""

    start: int
    file: MediaFile
    media: MediaSource


def write(folder: Path, located: Iterable[LocatedFile], layout: MediaLayout) -> None:
    """Write files, in the order of `archives`, into the empty `folder`.

    `LsDvcError` when a source has other bytes. The bytes of archives depend on the contents alone.
    """
    if layout == "tar":
        _write_archives(folder, located)
        return
    made = set[str]()
    for _, file, media in located:
        if file.md5[:2] not in made:
            (folder / file.md5[:2]).mkdir()
            made.add(file.md5[:2])
        media.place(file, folder / file.name)


def _write_archives(folder: Path, located: Iterable[LocatedFile]) -> None:
    out: BinaryIO | None = None
    current = -1
    try:
        for start, file, media in located:
            if start != current:
                _end(out)
                out, current = (folder / archive_name(start)).open("xb"), start
            assert out is not None  # noqa: S101  (opened for the first file)
            _add(out, file, media)
    finally:
        _end(out)


def _add(out: BinaryIO, file: MediaFile, media: MediaSource) -> None:
    member = tarfile.TarInfo(member_name(file))
    member.size, member.mode = file.size, 0o644
    out.write(member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
    with media.open(file) as content:
        copy_checked(content, out, file, "the source")
    out.write(bytes(-file.size % tarfile.BLOCKSIZE))


def _end(out: BinaryIO | None) -> None:
    if out is not None:
        with out:
            out.write(bytes(2 * tarfile.BLOCKSIZE))


def copy_checked(content: BinaryIO, out: Writable, file: MediaFile, where: object) -> None:
    """Copy a content; `LsDvcError` when it is another one than that of `file`."""
    digest, left = hashlib.md5(usedforsecurity=False), file.size
    while left and (block := content.read(min(left, 1 << 20))):
        digest.update(block)
        out.write(block)
        left -= len(block)
    if left or digest.hexdigest() != file.md5:
        raise damaged(where, file)


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """The new file `target`, which is removed when the block fails."""
    with target.open("xb") as out:
        try:
            yield out
        except BaseException:
            target.unlink(missing_ok=True)
            raise
