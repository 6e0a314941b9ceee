"""Work that workers on other machines do in tests; they import it from here."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import LsDvcError, UnreadableInputError
from ls_dvc.execution.executor import Work
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk


@dataclass(frozen=True)
class Number:
    """An item whose data is with it, or on the driver's machine."""

    value: int
    here: bool = True


def square(item: Number) -> int:
    if not item.here:
        raise UnreadableInputError("cannot read it")
    return item.value**2


def with_data(item: Number) -> Number:
    return Number(item.value)


@dataclass(frozen=True)
class Logged:
    """Writes each item's number and the worker's process into a folder, and takes its time."""

    folder: Path
    seconds: float
    wrong: int | None = None

    def __call__(self, item: int) -> int:
        with (self.folder / "log").open("a") as log:
            log.write(f"{item} {os.getpid()}\n")
        time.sleep(self.seconds)
        if item == self.wrong:
            raise LsDvcError(f"{item} is wrong", "put it right")
        return -item

    def log(self) -> list[tuple[int, int]]:
        """(item, process) pairs, as they were begun."""
        path = self.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(item), int(process)) for item, process in map(str.split, lines)]

    @property
    def work(self) -> Work[int, int]:
        return Work("it", self, lambda item: item)


@dataclass(frozen=True)
class OnThisMachine:
    """A folder that the process `owner` alone can read, as if others were other machines."""

    folder: FolderOnDisk
    owner: int

    def read(self, name: str) -> bytes:
        if os.getpid() != self.owner:
            raise FileNotFoundError(name)
        return self.folder.read(name)

    def names(self) -> set[str]:
        return self.folder.names()


def fails(item: int) -> int:
    return 1 // item


def no_executor() -> str:
    return "it"
