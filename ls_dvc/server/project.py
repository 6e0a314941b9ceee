"""One project on one server, as the use cases see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server import conversions, download, probe, snapshots, views
from ls_dvc.server.client import Client
from ls_dvc.server.conversions import Conversion
from ls_dvc.server.interface import ServerSnapshot, ServerState, SnapshotChoice, TaskRange
from ls_dvc.server.media import MediaDownloads
from ls_dvc.server.pace import RUN_SECONDS, Deadline
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.settings.connection import Connection


@dataclass(frozen=True)
class LabelStudioProject:
    """A project on a server, or a view of it.

    Every method asks anew; nothing is remembered, but for a state that is `known`.
    """

    client: Client
    project_id: int
    polling: PollSettings = field(default_factory=PollSettings)
    view: int | None = None
    known: ServerState | None = None

    @property
    def url(self) -> str:
        """The server's address, without a trailing slash."""
        return self.client.url

    def state(self) -> ServerState:
        """The project, or the view, as it is now, asked cheaply."""
        return self.known or probe.state(self.client, self.project_id, self.view)

    def knowing(self, state: ServerState) -> LabelStudioProject:
        """This project, whose state was asked for a moment ago."""
        return replace(self, known=state)

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest task id."""
        return probe.bounds(self.client, self.project_id)

    def count(self, span: TaskRange) -> int:
        """How many tasks are in `span`."""
        return probe.count(self.client, self.project_id, span)

    def remove_leftovers(self) -> None:
        """Remove what killed runs of ls-dvc left on the server."""
        views.remove_leftovers(self.client, self.project_id)

    def take(self, span: TaskRange) -> ExportSnapshot:
        """Make a snapshot of the tasks in `span`, and wait until it is done."""
        return snapshots.take(self.client, self.project_id, span, self.polling)

    def take_view(self, view: int) -> ExportSnapshot:
        """Make a snapshot of the tasks that a view shows, and wait until it is done."""
        return snapshots.take_view(self.client, self.project_id, view, self.polling)

    def download_all(self, part: Path) -> None:
        """Put the JSON of all tasks into `part`; see `download.download_all`."""
        download.download_all(self.client, self.project_id, part, self.polling.answer)

    def find_snapshot(self, choice: SnapshotChoice) -> ServerSnapshot:
        """An existing, finished snapshot; see `snapshots.find_snapshot`."""
        return snapshots.find_snapshot(self.client, self.project_id, choice)

    def still_available(self, pinned: Iterable[ExportSnapshot]) -> list[ExportSnapshot]:
        """Those of `pinned` that can still be downloaded; see `snapshots.still_available`."""
        return snapshots.still_available(self.client, self.project_id, pinned)

    def offered_formats(self) -> dict[str, bool]:
        """The formats that the server can write; see `conversions.offered_formats`."""
        return conversions.offered_formats(self.client, self.project_id)

    def convert(self, snapshot: ExportSnapshot, name: str, seconds: float, part: Path) -> str:
        """Put what the server makes of a snapshot into `part`; see `conversions.Conversion`."""
        first = self.polling.first_wait
        asked = Conversion(self.client, self.project_id, snapshot.id, name, seconds, first)
        return asked.fetch(part)

    def discard(self, snapshot: ExportSnapshot) -> None:
        """Remove a snapshot that no pin will name."""
        snapshots.discard(self.client, self.project_id, snapshot.id)

    def listed(self) -> list[ServerSnapshot]:
        """The project's newest snapshots, whoever made them; see `snapshots.listed`."""
        return snapshots.listed(self.client, self.project_id)

    def remove(self, snapshot: ServerSnapshot) -> None:
        """Remove a snapshot that was listed; fine when it is gone already."""
        snapshots.discard(self.client, self.project_id, snapshot.id)

    def download(
        self, snapshot: ExportSnapshot, part: Path, arrived: Callable[[int], None]
    ) -> None:
        """Put a snapshot's raw JSON into `part`, complete and checked; see `download.snapshot`."""
        download.snapshot(self.client, self.project_id, snapshot, part, arrived)

    def media(self) -> MediaDownloads:
        """Connections for media files, to be closed; nothing is asked yet."""
        return MediaDownloads(self.client)


def connect(
    connection: Connection,
    project_id: int,
    view: int | None = None,
    seconds: float = RUN_SECONDS,
) -> LabelStudioProject:
    """The project behind a connection, or a view of it, for `seconds`; nothing is asked yet."""
    client = Client(connection, Deadline(seconds))
    return LabelStudioProject(client, project_id, view=view)
