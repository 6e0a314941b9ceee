"""Bounds: of one file, of a run, of the disk, and how slow a file may come."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from ls_dvc.errors import LsDvcError
from ls_dvc.media.results import MissingMediaError, RunStoppedError
from ls_dvc.settings.media import MediaSettings, bytes_in


def free_bytes(folder: Path) -> int:
    """The bytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class Patience:
    """How long is waited.

    `grace` in seconds and `rate` in bytes a second: a file may take `grace + size / rate`, and
    never fall behind that. `tries` in a row without a byte end a file; `pauses` in seconds come
    before each further one.
    """

    grace: float = 60.0
    rate: float = 4096.0
    tries: int = 3
    pauses: tuple[float, ...] = (0.2, 1.0, 4.0)

    def pause(self, failures: int) -> float:
        """Seconds before the next try after so many that failed."""
        return self.pauses[min(failures, len(self.pauses)) - 1]


@dataclass
class Budget:
    """What a run may use, shared by its threads.

    `max_file` and `max_total` in bytes; `reserve` are the bytes of the disk that stay free.
    """

    max_file: int
    max_total: int
    reserve: int = 500_000_000
    free: Callable[[Path], int] = free_bytes
    arrived: int = 0
    stopped: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, settings: MediaSettings) -> Budget:
        """That of the settings."""
        return cls(bytes_in(settings.max_file), bytes_in(settings.max_total))

    def require_size(self, size: int) -> None:
        """`MissingMediaError` when a file of this size, in bytes, is too large."""
        if size > self.max_file:
            raise MissingMediaError(
                "too-large",
                f"it has {size:,} bytes, and label_studio.media.max_file allows {self.max_file:,}",
            )

    def require_room(self, size: int, folder: Path) -> None:
        """`LsDvcError` when `size` more bytes are too many for the run, or for the disk."""
        if self.arrived + size > self.max_total:
            raise self._too_much()
        if self.free(folder) < size + self.reserve:
            raise LsDvcError(
                f"the disk of {folder} is almost full: {self.free(folder):,} bytes are free",
                "make room, or set label_studio.media.tasks or keys to fetch less; what arrived "
                "is kept",
            )

    def add(self, count: int) -> None:
        """`count` bytes arrived; `LsDvcError` when they are too many for the run."""
        if self.stopped.is_set():
            raise RunStoppedError("the run was stopped")
        with self._lock:
            self.arrived += count
        if self.arrived > self.max_total:
            raise self._too_much()

    def wait(self, seconds: float) -> None:
        """A pause; `RunStoppedError` when the run is stopped meanwhile."""
        if self.stopped.wait(seconds):
            raise RunStoppedError("the run was stopped")

    def _too_much(self) -> LsDvcError:
        return LsDvcError(
            f"the media are more than the {self.max_total:,} bytes that one update may fetch",
            "raise label_studio.media.max_total in params.yaml; what arrived is kept",
        )


class Pace:
    """How fast one file comes, from now on."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._begun = time.monotonic()

    def require(self, arrived: int) -> None:
        """`MissingMediaError` when `arrived` bytes are too few for the time that passed."""
        passed = time.monotonic() - self._begun
        if arrived < (passed - self._patience.grace) * self._patience.rate:
            raise MissingMediaError(
                "too-slow", f"only {arrived:,} bytes of it came in {passed:.0f} seconds"
            )
