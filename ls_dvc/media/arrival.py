"""A file while it arrives: under a temporary name, with its digests, within the bounds."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ls_dvc.io import temporary
from ls_dvc.labels.media import MediaFile
from ls_dvc.media.limits import Budget, Pace
from ls_dvc.media.results import MissingMediaError
from ls_dvc.media.sniff import HEAD, described, is_usable
from ls_dvc.media.store import MediaStore

_CHECK_BYTES = 16_000_000  # that arrive between two looks at the disk


class Arrival:
    """A context: what has not been kept when it ends is removed.

    `folder` is that of the store for files that still arrive. What is not asked of anybody does
    not count as part of the run (`counts`).
    """

    def __init__(
        self, store: MediaStore, folder: Path, budget: Budget, pace: Pace, *, counts: bool
    ) -> None:
        self.size = 0
        self._unchecked = 0
        self._store = store
        self._budget = budget
        self._pace = pace
        self._counts = counts
        self._path, self._out = temporary.new_file(folder / "file")
        self._start()

    def __enter__(self) -> Arrival:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self._path.unlink(missing_ok=True)

    def expect(self, size: int) -> None:
        """The file has `size` bytes; `MissingMediaError` or `LsDvcError` when they are too many."""
        self._budget.require_size(size)
        if self._counts:
            self._budget.require_room(size - self.size, self._path.parent)

    def restart(self) -> None:
        """Forget what arrived."""
        self._out.seek(0)
        self._out.truncate()
        self._start()

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self._require_room(len(chunk))
        self._out.write(chunk)
        self._md5.update(chunk)
        self._sha256.update(chunk)
        self.size += len(chunk)
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        self._budget.require_size(self.size)
        self._budget.add(len(chunk) if self._counts else 0)
        self._pace.require(self.size)

    def keep(self, tag: str) -> MediaFile:
        """Put the complete file into the store; `MissingMediaError` when it is no such media."""
        if not self.size:
            raise MissingMediaError("empty", "it has no bytes")
        if not is_usable(tag, self._head):
            raise MissingMediaError("not-media", f"its first bytes are no {tag}")
        self._out.flush()
        file = described(self._path, self._md5.hexdigest(), self._sha256.hexdigest(), self.size)
        self._store.put(self._path, file.md5)
        return file

    def _require_room(self, count: int) -> None:
        self._unchecked += count
        if self._unchecked > _CHECK_BYTES:
            self._unchecked = 0
            self._budget.require_room(0, self._path.parent)

    def _start(self) -> None:
        self.size = 0
        self._head = b""
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
