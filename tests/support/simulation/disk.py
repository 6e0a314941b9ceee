"""A disk that fails, fills up, or whose process is killed, at any call that changes it.

An audit hook of Python sees each call that changes something below a folder: files opened to be
written, renamed and removed files, folders made and removed, links, modes. Content that is written
at once, and its flush to the disk, count too: a kill there leaves half of it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

Kind = Literal["kill", "interrupt", "error", "full", "meanwhile"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS = frozenset(
    [
        "os.rename",
        "os.remove",
        "os.mkdir",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.chmod",
        "os.truncate",
    ]
)
_FILLING = frozenset(["open", "os.mkdir", "os.link", "write", "fsync"])


class Killed(BaseException):
    """The process is dead: nothing that it does from here on changes anything."""


@dataclass
class Fault:
    """What happens at the call number `at`, of all calls or of `only` one kind; `fired` then.

    `then` is what others do `meanwhile`.
    """

    kind: Kind
    at: int
    only: str = ""
    then: Callable[[], None] = lambda: None
    fired: bool = False


@dataclass
class Disk:
    """The disk below `root`; `calls` counts the changes of the command that runs."""

    root: Path
    fault: Fault | None = None
    calls: int = 0
    dead: bool = False

    @contextmanager
    def under(self, fault: Fault | None) -> Iterator[None]:
        """One command with this fault; what it holds is dropped at its end."""
        self.fault, self.calls, self.dead = fault, 0, False
        try:
            yield
        finally:
            self.fault, self.dead = None, False

    def alive(self) -> None:
        """`Killed` when the process is dead: it asks no server either."""
        if self.dead:
            raise Killed

    def changing(self, event: str, tear: Callable[[], None] = lambda: None) -> None:
        """Called before each change; `tear` does half of it."""
        self.alive()
        fault = self.fault
        self.calls += fault is None or fault.only in ("", event)
        if fault is None:
            return
        if fault.fired:
            if fault.kind == "full" and event in _FILLING:
                raise OSError(errno.ENOSPC, "No space left on device")
            return
        if fault.only not in ("", event):
            return
        if self.calls >= fault.at and (fault.kind != "full" or event in _FILLING):
            fault.fired = True
            self._strike(fault, tear)

    def _strike(self, fault: Fault, tear: Callable[[], None]) -> None:
        if fault.kind == "kill":
            tear()
            self.dead = True
            raise Killed
        if fault.kind == "interrupt":
            raise KeyboardInterrupt
        if fault.kind == "full":
            tear()
            raise OSError(errno.ENOSPC, "No space left on device")
        if fault.kind == "error":
            raise OSError(errno.EIO, "Input/output error")
        self.fault = None
        try:
            fault.then()
        finally:
            self.fault = fault


_CURRENT: list[Disk] = []  # the hook stays for good, and sees what this holds


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _CURRENT or (event != "open" and event not in _EVENTS):
        return
    if event == "open":
        flags = arguments[2] if len(arguments) > 2 else 0
        if not isinstance(flags, int) or not flags & _WRITING:
            return
    disk = _CURRENT[-1]
    name = arguments[0]
    if isinstance(name, str | bytes | os.PathLike) and _is_below(os.fsdecode(name), disk, event):
        disk.changing(event)


def _is_below(name: str, disk: Disk, event: str) -> bool:
    """A relative name comes from the removal of a whole folder, which works with open folders."""
    return name.startswith(str(disk.root)) or (not Path(name).is_absolute() and event != "open")


sys.addaudithook(_hook)


@contextmanager
def playing(disk: Disk) -> Iterator[None]:
    """Every change below the root goes by `disk`."""
    write_bytes, fsync = Path.write_bytes, os.fsync

    def writing(path: Path, data: bytes) -> int:
        disk.changing("write", lambda: _half(path, data))
        return write_bytes(path, data)

    def _half(path: Path, data: bytes) -> None:
        _CURRENT.pop()
        try:
            write_bytes(path, data[: len(data) // 2])
        finally:
            _CURRENT.append(disk)

    def flushing(handle: int) -> None:
        size = os.fstat(handle).st_size
        disk.changing("fsync", lambda: os.ftruncate(handle, size // 2))
        fsync(handle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_bytes", writing)
        patch.setattr(os, "fsync", flushing)
        _CURRENT.append(disk)
        try:
            yield
        finally:
            _CURRENT.pop()
