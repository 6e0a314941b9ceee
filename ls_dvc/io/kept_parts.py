"""Parts of results, kept by a digest of all that shapes them, so that none is made twice.

A part is bytes that can be made again at any time: one that is missing, damaged or kept under
another key costs time and nothing else, and so does a folder that is full or read-only.

    <root>/<2 digits of the key>/<key>    the SHA-256 of key and content, then the content
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ls_dvc.io import canonical_json, temporary
from ls_dvc.io.code_digest import code_digest
from ls_dvc.io.files import write_atomically

MOST_BYTES = 4 << 30  # of all parts; those used last stay
MOST_SECONDS = 30 * 24 * 3600.0  # since a part was used last
_DIGEST = 32  # bytes


class KeptPart(NamedTuple):
    """A part on the disk. `size` in bytes, `used_at` in Unix seconds of the file's clock."""

    path: Path
    size: int
    used_at: float


def key_of(**shaped_by: Any) -> str:
    """The key of a part that depends on these values, which are JSON, and on the code of ls-dvc."""
    return canonical_json.digest(canonical_json.line({"code": code_digest(), **shaped_by}))


@dataclass(frozen=True)
class KeptParts:
    """The parts in the folder `root`, which need not exist yet; of several processes at once."""

    root: Path

    def get(self, key: str) -> bytes | None:
        """The part of this key; None where it is not here, or not what was kept under it."""
        path = self.path(key)
        try:
            stored = path.read_bytes()
        except OSError:
            return None
        content = stored[_DIGEST:]
        if stored[:_DIGEST] != _digest(key, content):
            return None
        with suppress(OSError):
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> int:
        """Keep a part; how many bytes that takes, 0 where the disk did not take them."""
        try:
            write_atomically(self.path(key), _digest(key, content) + content, durable=False)
        except OSError:
            return 0
        return _DIGEST + len(content)

    def path(self, key: str) -> Path:
        """Where a part lies, or would lie."""
        return self.root / key[:2] / key

    def all(self) -> list[KeptPart]:
        """Every part, the one used last first."""
        found = (_found(path) for path in self.root.glob("??/[0-9a-f]*"))
        return sorted(filter(None, found), key=lambda part: (-part.used_at, part.path))

    def sweep(self, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS) -> None:
        """Remove parts that nobody used for so long, and those used first if all take more.

        What killed processes left goes first.
        """
        for leftover in temporary.leftovers_below(self.root):
            temporary.discard(leftover.path)
        remaining, oldest = most_bytes, time.time() - most_seconds
        for part in self.all():
            remaining -= part.size
            if remaining < 0 or part.used_at < oldest:
                remove([part])


def remove(parts: Iterable[KeptPart]) -> None:
    """Remove parts, as far as the disk lets us."""
    for part in parts:
        with suppress(OSError):
            part.path.unlink()


def _found(path: Path) -> KeptPart | None:
    """The part at `path`; None if another process has removed it."""
    with suppress(OSError):
        stat = path.stat()
        return KeptPart(path, stat.st_size, stat.st_mtime)
    return None


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + content).digest()
