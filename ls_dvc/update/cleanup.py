"""Snapshots that no pin will name are removed from the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from ls_dvc.errors import ServerError
from ls_dvc.pin.pin import (
    ExportSnapshot,
)
from ls_dvc.server.interface import Server


def discard(server: Server, snapshots: Iterable[ExportSnapshot]) -> None:
    """Remove those snapshots of ours that no pin will name; best effort."""
    for each in snapshots:
        if each.is_ours:
            with suppress(ServerError):
                server.discard(each)


@contextmanager
def discarded_on_failure(server: Server, snapshots: Iterable[ExportSnapshot]) -> Iterator[None]:
    """Remove `snapshots` from the server again when the block fails."""
    try:
        yield
    except BaseException:
        discard(server, snapshots)
        raise
