"""Files that are replaced atomically, lock files, and digests of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io import temporary


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file; if the process is killed, the old or the new file is there, complete.

    A `durable` one outlives a crash of the machine as well, for which a disk takes its time.
    """
    fresh, out = temporary.new_file(path)
    with out:
        try:
            out.write(content)
            out.flush()
            if durable:
                os.fsync(out.fileno())
            fresh.chmod(0o644)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


@contextmanager
def locked(path: Path, *, wait: float, busy: str) -> Iterator[None]:
    """Hold the lock file `path`; `LsDvcError(busy)` when another holds it for `wait` seconds."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path, timeout=wait):
            yield
    except Timeout as error:
        raise LsDvcError(busy, "wait until it has ended, then run the command again") from error


def is_there(path: Path) -> bool:
    """Whether there is something of this name, be it a link that leads nowhere.

    Unlike `Path.exists`, an `OSError` where that cannot be known, on every Python.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def nearest(path: Path) -> Path:
    """The path, or the nearest folder around it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())


def md5(path: Path) -> str:
    """The MD5 of a file in hexadecimal, by which Label Studio names its snapshots."""
    return _digest(path, hashlib.md5(usedforsecurity=False))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    return _digest(path, hashlib.sha256())


def _digest(path: Path, digest: hashlib._Hash) -> str:
    with path.open("rb") as content:
        while chunk := content.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
