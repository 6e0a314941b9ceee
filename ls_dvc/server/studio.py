"""One project on one server, as the use cases see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.connection import Connection
from ls_dvc.lock import ServerState, Snapshot, Span
from ls_dvc.server import download, probe, snapshots, views
from ls_dvc.server.client import Client
from ls_dvc.server.snapshots import Listed, Patience


@dataclass(frozen=True)
class LabelStudio:
    """A project on a server. Every method asks the server anew; nothing is remembered."""

    client: Client
    project_id: int
    patience: Patience = field(default_factory=Patience)

    @property
    def url(self) -> str:
        """The server's address, without a trailing slash."""
        return self.client.url

    def state(self) -> ServerState:
        """The project as it is now, asked cheaply."""
        return probe.state(self.client, self.project_id)

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest task id."""
        return probe.bounds(self.client, self.project_id)

    def count(self, span: Span) -> int:
        """How many tasks are in `span`."""
        return probe.count(self.client, self.project_id, span)

    def sweep(self) -> None:
        """Remove what killed runs of ours left on the server."""
        views.sweep(self.client, self.project_id)

    def take(self, span: Span) -> Snapshot:
        """Make a snapshot of the tasks in `span`, and wait until it is done."""
        return snapshots.take(self.client, self.project_id, span, self.patience)

    def discard(self, snapshot: Snapshot) -> None:
        """Remove a snapshot that no pin will name."""
        snapshots.discard(self.client, self.project_id, snapshot.id)

    def listed(self) -> list[Listed]:
        """The project's newest snapshots, whoever made them; see `snapshots.listed`."""
        return snapshots.listed(self.client, self.project_id)

    def remove(self, snapshot: Listed) -> None:
        """Remove a snapshot that was listed; fine when it is gone already."""
        snapshots.discard(self.client, self.project_id, snapshot.id)

    def download(self, snapshot: Snapshot, part: Path, arrived: Callable[[int], None]) -> None:
        """Put a snapshot's raw JSON into `part`, whole and checked; see `download.snapshot`."""
        download.snapshot(self.client, self.project_id, snapshot, part, arrived)


def connect(connection: Connection, project_id: int) -> LabelStudio:
    """The project behind a connection; nothing is asked yet."""
    return LabelStudio(Client(connection), project_id)
