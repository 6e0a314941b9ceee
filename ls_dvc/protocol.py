"""What an update asks of a server; `server.studio.LabelStudio` is the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from ls_dvc.cache import Cache
from ls_dvc.errors import ServerError
from ls_dvc.lock import ServerState, Snapshot, Span


class Server(Protocol):
    """One project on one server. May be asked by several threads at once."""

    @property
    def url(self) -> str:
        """The address."""

    def state(self) -> ServerState:
        """The project as it is now, asked cheaply."""

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest task id."""

    def count(self, span: Span) -> int:
        """How many tasks are in `span`."""

    def sweep(self) -> None:
        """Remove what killed runs left."""

    def take(self, span: Span) -> Snapshot:
        """A finished snapshot of the tasks in `span`."""

    def discard(self, snapshot: Snapshot) -> None:
        """Remove a snapshot."""

    def download(self, snapshot: Snapshot, part: Path, arrived: Callable[[int], None]) -> None:
        """The raw JSON of a snapshot, whole and checked."""


def fetch(server: Server, snapshot: Snapshot, cache: Cache) -> Path:
    """The file with a snapshot's raw JSON: the one in the side cache, or a fresh download."""
    return cache.get(snapshot, lambda each, part: server.download(each, part, lambda _: None))


def discard(server: Server, snapshots: Iterable[Snapshot]) -> None:
    """Remove snapshots that no pin will name; best effort."""
    for each in snapshots:
        with suppress(ServerError):
            server.discard(each)


@contextmanager
def discarded_on_failure(server: Server, snapshots: Iterable[Snapshot]) -> Iterator[None]:
    """Remove `snapshots` from the server again when the block fails."""
    try:
        yield
    except BaseException:
        discard(server, snapshots)
        raise
