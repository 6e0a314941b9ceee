"""Files that were read and have the content that they should have, so that none is read twice."""

from __future__ import annotations

import hashlib
import os
import sys
from array import array
from bisect import bisect_left
from functools import cached_property
from pathlib import Path

from ls_dvc.io import files

_RECORD = 8
_MOST = 64 << 20  # bytes; then it starts again


class VerifiedFiles:
    """A file of records, 8 bytes each: the digest of a file's place, time, size and MD5.

    A file whose device, inode, time of change or size is another one is read again. Records are
    appended, so that several processes may do that at once.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Keep the records in the file `path`; without one, as long as the process lives."""
        self._path = path
        self._added = set[int]()

    def is_whole(self, file: Path, md5: str, size: int | None = None) -> bool:
        """Whether `file` is there, with this MD5, and of `size` bytes if that is known."""
        try:
            before = file.stat()
            if size not in (None, before.st_size):
                return False
            if self._has(_record(before, md5)):
                return True
            if files.md5(file) != md5 or _record(file.stat(), md5) != _record(before, md5):
                return False
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return False
        self._add(_record(before, md5))
        return True

    def remember(self, file: Path, md5: str) -> None:
        """`file` was written just now, with this MD5."""
        self._add(_record(file.stat(), md5))

    def _has(self, record: bytes) -> bool:
        number = int.from_bytes(record, sys.byteorder)
        at = bisect_left(self._known, number)
        return self._known[at : at + 1] == array("Q", [number]) or number in self._added

    def _add(self, record: bytes) -> None:
        self._added.add(int.from_bytes(record, sys.byteorder))
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, record)
        finally:
            os.close(handle)

    @cached_property
    def _known(self) -> array[int]:
        """What the file held, in order: a set of a million would be ten times larger."""
        if self._path is None or not self._path.is_file():
            return array("Q")
        content = self._path.read_bytes()
        if len(content) % _RECORD or len(content) > _MOST:
            files.write_atomically(self._path, b"")
            return array("Q")
        return array("Q", sorted(array("Q", content)))


def _record(stat: os.stat_result, md5: str) -> bytes:
    of = (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size, md5)
    return hashlib.blake2b(repr(of).encode(), digest_size=_RECORD).digest()
