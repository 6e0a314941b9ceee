"""What the use cases ask of a server, and the values that it answers with.

`server.project.LabelStudioProject` is the implementation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from ls_dvc.pin.pin import ExportSnapshot, Probe

if TYPE_CHECKING:
    from ls_dvc.server.pace import Deadline

SnapshotChoice = int | Literal["latest"]  # a snapshot, by its number on the server


LARGEST_ID = 2**53 - 1  # no id is larger


@dataclass(frozen=True)
class TaskRange:
    """The tasks with first <= id <= last; only those changed after `since`, if it says anything.

    `since` is the server's clock, UTC, as `2026-11-23T17:00:00.000000Z`. Tasks that changed last
    at one of the times `known`, each as the server writes it, are left out.
    """

    first: int
    last: int
    since: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServerState:
    """A project as the server describes it at one moment; `label_config` with LF line ends."""

    project_id: int
    title: str
    label_config: str
    probe: Probe


TITLE = "ls-dvc"


@dataclass(frozen=True)
class ServerSnapshot:
    """A snapshot as the server lists it. `made_at` is the server's clock, with zone.

    `md5` is that of its raw JSON; empty unless it can be downloaded.
    """

    id: int
    title: str
    made_at: datetime
    tasks: int
    finished: bool
    md5: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether `take` made it: its title shows that."""
        return _OURS.fullmatch(self.title) is not None


# The number that ends a title is a random UUID, which no other 32 digits are taken for.
_OURS = re.compile(rf"{TITLE} \S.* [0-9a-f]{{12}}4[0-9a-f]{{3}}[89ab][0-9a-f]{{15}}")


@dataclass(frozen=True)
class MediaResponse:
    """The answer to a request for a media file; names of `headers` in any case.

    `chunks` is the body as it is sent, which is read while it arrives.
    """

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class MediaServer(Protocol):
    """The connections to a server over which media come. Used by several threads at once."""

    @property
    def origin(self) -> str:
        """Scheme, host and port; the key goes nowhere else."""

    @property
    def deadline(self) -> Deadline:
        """When the run ends."""

    def open(self, path: str, headers: Mapping[str, str]) -> AbstractContextManager[MediaResponse]:
        """The answer to a GET of a path on the origin, with the key; redirects are not followed.

        `ServerUnavailableError` when nothing answers or the connection breaks, another
        `ServerError` for a refused key.
        """

    def close(self) -> None:
        """Let go of the connections."""


class Server(Protocol):
    """One project on one server, or one view of it. May be asked by several threads at once."""

    @property
    def url(self) -> str:
        """The address."""

    @property
    def view(self) -> int | None:
        """The Data Manager view whose tasks alone are meant."""

    def state(self) -> ServerState:
        """The project, or the view, as it is now, asked cheaply."""

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest task id."""

    def count(self, span: TaskRange) -> int:
        """How many tasks are in `span`."""

    def remove_leftovers(self) -> None:
        """Remove what killed runs left."""

    def take(self, span: TaskRange) -> ExportSnapshot:
        """A finished snapshot of the tasks in `span`."""

    def take_view(self, view: int) -> ExportSnapshot:
        """A finished snapshot of the tasks that a view shows."""

    def download_all(self, part: Path) -> None:
        """The JSON of all tasks, sent in one answer, without a snapshot."""

    def find_snapshot(self, choice: SnapshotChoice) -> ServerSnapshot:
        """An existing, finished snapshot; the latest is the newest that ls-dvc did not make."""

    def still_available(self, pinned: Iterable[ExportSnapshot]) -> list[ExportSnapshot]:
        """Those of `pinned` that can still be downloaded."""

    def offered_formats(self) -> Mapping[str, bool]:
        """The formats that it can write; False where the label config has no use for one."""

    def convert(self, snapshot: ExportSnapshot, name: str, seconds: float, part: Path) -> str:
        """What it makes of a snapshot in a format, put into `part`; the ending of its name.

        `ConversionError` when it fails, or has not done so in `seconds`.
        """

    def discard(self, snapshot: ExportSnapshot) -> None:
        """Remove a snapshot."""

    def download(
        self, snapshot: ExportSnapshot, part: Path, arrived: Callable[[int], None]
    ) -> None:
        """The raw JSON of a snapshot, complete and checked."""

    def media(self) -> MediaServer:
        """Connections for media; nothing is asked yet."""
