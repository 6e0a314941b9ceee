"""Resume state of an export: which ranges the server has finished, noted as they come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server, ServerState
from ls_dvc.update.cleanup import discard
from ls_dvc.update.notes import UpdateNotes


@dataclass
class FinishedRanges:
    """The finished ranges of the export that started in the state `started`; thread-safe.

    Whatever happens, a range is either noted or removed from the server.
    """

    server: Server
    cache: Cache
    started: ServerState
    ranges: list[ExportSnapshot] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, snapshot: ExportSnapshot) -> None:
        """Note a range that the server has finished."""
        with self._lock:
            self.ranges.append(snapshot)
            self._save()

    def discard(self, snapshots: Iterable[ExportSnapshot]) -> None:
        """Remove unusable ranges, from the server as well."""
        unusable = [*snapshots]
        with self._lock:
            self.ranges = [snapshot for snapshot in self.ranges if snapshot not in unusable]
            self._save()
        discard(self.server, unusable)

    def _save(self) -> None:
        notes = UpdateNotes(self.cache.root)
        if self.ranges:
            notes.save_ranges(self.server.url, self.started, self.ranges)
        else:
            notes.forget_ranges(self.started.project_id)


def resumed(server: Server, cache: Cache, now: ServerState) -> FinishedRanges:
    """Resume state of an interrupted export: ranges that the server finished and still has.

    Starts empty, in the state `now`, if there is none: a pin must not name a snapshot that only
    this machine has.
    """
    interrupted = UpdateNotes(cache.root).ranges(server.url, now)
    available = server.still_available(interrupted.ranges) if interrupted else []
    if interrupted is None or not available:
        return FinishedRanges(server, cache, now)
    return FinishedRanges(server, cache, interrupted.started, available)
