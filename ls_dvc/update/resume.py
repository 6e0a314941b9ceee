"""The ranges that the server has finished: noted, so that an export that was cut goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server, ServerState
from ls_dvc.update.cleanup import discard


@dataclass
class FinishedRanges:
    """What has landed of the export that began in the state `begun`; used by several threads.

    Whatever happens, a range is in the note or will not be left on the server.
    """

    server: Server
    cache: Cache
    begun: ServerState
    ranges: list[ExportSnapshot] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, snapshot: ExportSnapshot) -> None:
        """A range is finished on the server."""
        with self._lock:
            self.ranges.append(snapshot)
            self._note()

    def drop(self, snapshots: Iterable[ExportSnapshot]) -> None:
        """Ranges that are of no use are removed, from the server as well."""
        unwanted = [*snapshots]
        with self._lock:
            self.ranges = [each for each in self.ranges if each not in unwanted]
            self._note()
        discard(self.server, unwanted)

    def _note(self) -> None:
        if self.ranges:
            self.cache.land(self.server.url, self.begun, self.ranges)
        else:
            self.cache.forget_landed(self.begun.project_id)


def taken_up(server: Server, cache: Cache, now: ServerState) -> FinishedRanges:
    """What an export that was cut left, and the server still has; else nothing, begun now.

    A pin must not name what only this machine has.
    """
    begun, noted = cache.landed(server.url, now) or (now, [])
    ranges = server.kept(noted) if noted else []
    return FinishedRanges(server, cache, begun if ranges else now, ranges)
