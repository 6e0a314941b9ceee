"""Temporary files and folders next to what they are for, and what killed processes left of them.

    .ls-dvc-tmp-new-<token>-<name>    is to become <name>
    .ls-dvc-tmp-old-<token>-<name>    was <name>
    .ls-dvc-tmp-swap-<token>-<name>   says that several are being replaced together; see `replacing`
    .ls-dvc-tmp-aside-<name>          is <name>, out of DVC's sight

Whose they are is a lock of the kernel on each (`flock`), which ends with the process, however it
ends: what nobody holds is a leftover. A process id in the name would say less: it is given again,
and another container or host that shares the disk does not know it. Where a disk has no such locks
nothing is swept.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

TEMPORARY = ".ls-dvc-tmp-"
Role = Literal["new", "old", "swap"]

_NAME = re.compile(rf"{re.escape(TEMPORARY)}(new|old|swap)-([0-9a-f]{{12}})-(.+)", re.DOTALL)
_KNOWN = re.compile(rf"{_NAME.pattern}|{re.escape(TEMPORARY)}aside-", re.DOTALL)
_TRIES = 5  # when others sweep at the same time


@dataclass(frozen=True)
class Temporary:
    """One of them, which need not exist. Those of one replacement have the same `token`."""

    role: Role
    token: str
    target: Path

    @property
    def path(self) -> Path:
        """Where it lies: next to its target."""
        return self.target.with_name(f"{TEMPORARY}{self.role}-{self.token}-{self.target.name}")


def new_token() -> str:
    """For temporaries that belong together."""
    return secrets.token_hex(6)


def found(folder: Path) -> list[Temporary]:
    """Those in `folder`, whoever they belong to."""
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError:
        return []
    matches = filter(None, map(_NAME.fullmatch, names))
    return [Temporary(cast("Role", each[1]), each[2], folder / each[3]) for each in matches]


def nameless(folder: Path) -> list[Path]:
    """Those in `folder` that early versions of ls-dvc made: nobody holds them."""
    return [each for each in folder.glob(f"{TEMPORARY}*") if not _KNOWN.match(each.name)]


def new_file(target: Path, role: Role = "new", token: str = "") -> tuple[Path, BinaryIO]:
    """A file next to `target`, open to write; it is ours until it is closed."""

    def make(path: Path) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)

    target.parent.mkdir(parents=True, exist_ok=True)
    path, handle = _made(Temporary(role, token or new_token(), target).path, make)
    return path, os.fdopen(handle, "wb")


@contextmanager
def new_folder(target: Path, token: str = "") -> Iterator[Path]:
    """An empty folder next to `target`; what is there when the block ends is removed.

    Leftovers there are swept first.
    """

    def make(path: Path) -> int:
        path.mkdir(mode=0o700)
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)

    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent, [target])
    path, handle = _made(Temporary("new", token or new_token(), target).path, make)
    with ExitStack() as stack:
        stack.callback(os.close, handle)
        stack.callback(discard, path)
        yield path


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether nobody else holds what is at `path`; then it is ours as long as the block runs."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        yield _is_locked(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(handle)


def leftovers(folder: Path) -> Iterator[Temporary]:
    """Those in `folder` that nobody holds, but not what is still to be put back."""
    everything = found(folder)
    open_swaps = {each.token for each in everything if each.role == "swap"}
    for each in everything:
        if each.token not in open_swaps:
            with held(each.path) as is_left:
                if is_left:
                    yield each


def leftovers_below(folder: Path) -> Iterator[Temporary]:
    """The same of all folders in `folder`."""
    for name, subfolders, _ in os.walk(folder):
        subfolders[:] = sorted(each for each in subfolders if not each.startswith(TEMPORARY))
        yield from leftovers(Path(name))


def sweep(folder: Path, known: Container[Path] = ()) -> None:
    """Remove what killed processes left in `folder`.

    What was moved away, and nothing is in its place, may be the only copy: it goes back if its
    place is one of the `known`, and stays if not.
    """
    for each in leftovers(folder):
        with suppress(OSError):  # of a disk that is read-only
            if each.role != "old" or os.path.lexists(each.target):
                discard(each.path)
            elif each.target in known:
                each.path.rename(each.target)


def discard(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, as far as possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(each.lstat().st_size for each in files if each.is_file())


def _made(path: Path, make: Callable[[Path], int]) -> tuple[Path, int]:
    """What `make` makes at `path`, locked: once more where a sweep came before the lock."""
    for _ in range(_TRIES):
        try:
            handle = make(path)
        except FileNotFoundError:
            continue
        _is_locked(handle, fcntl.LOCK_EX)
        if os.path.lexists(path):
            return path, handle
        os.close(handle)
    raise FileNotFoundError(errno.ENOENT, "it vanishes as soon as it is made", str(path))


def _is_locked(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how)
    except OSError:
        return False
    return True
