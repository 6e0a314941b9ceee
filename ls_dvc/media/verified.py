"""Files that were read and have the content that they should have, so that none is read twice."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path

from ls_dvc.io import files

_RECORD = 16
_MOST = 64 << 20  # bytes; then it starts again


class VerifiedFiles:
    """A file of records, 16 bytes each: the digest of a file's place, time, size and MD5.

    A file whose device, inode, time of change or size is another one is read again. Records are
    appended, so that several processes may do that at once.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Keep the records in the file `path`; without one, as long as the process lives."""
        self._path = path

    def is_whole(self, file: Path, md5: str, size: int | None = None) -> bool:
        """Whether `file` is there, with this MD5, and of `size` bytes if that is known."""
        try:
            before = file.stat()
            if size not in (None, before.st_size):
                return False
            if _record(before, md5) in self._known:
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

    def _add(self, record: bytes) -> None:
        self._known.add(record)
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, record)
        finally:
            os.close(handle)

    @cached_property
    def _known(self) -> set[bytes]:
        if self._path is None or not self._path.is_file():
            return set()
        content = self._path.read_bytes()
        if len(content) % _RECORD or len(content) > _MOST:
            files.write_atomically(self._path, b"")
            return set()
        return {content[at : at + _RECORD] for at in range(0, len(content), _RECORD)}


def _record(stat: os.stat_result, md5: str) -> bytes:
    of = (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size, md5)
    return hashlib.blake2b(repr(of).encode(), digest_size=_RECORD).digest()
