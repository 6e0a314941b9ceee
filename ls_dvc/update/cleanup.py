"""Remove snapshots from the server that no pin will name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from ls_dvc.errors import ServerError
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.interface import Server


def discard(server: Server, snapshots: Iterable[ExportSnapshot]) -> None:
    """Remove those of `snapshots` that ls-dvc made; best effort."""
    for snapshot in snapshots:
        if snapshot.is_ours:
            with suppress(ServerError):
                server.discard(snapshot)


@contextmanager
def discard_on_failure(server: Server, snapshots: Iterable[ExportSnapshot]) -> Iterator[None]:
    """Remove `snapshots` from the server again when the block fails."""
    try:
        yield
    except BaseException:
        discard(server, snapshots)
        raise
