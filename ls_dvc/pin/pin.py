"""The pin: which labels a commit means. Values; their file is `lockfile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ls_dvc.labels.class_ids import Classes

SnapshotKind = Literal["range", "delta", "view", "adopted", "bulk"]


@dataclass(frozen=True)
class ExportSnapshot:
    """One export snapshot on the server; immutable there, checked by the MD5 of its raw JSON.

    A `range` holds every task with first <= id <= last. A `delta` holds the tasks that changed
    since the snapshots before it, and `removed` has the ids of deleted tasks. A snapshot of another
    kind is the only one of its pin: of a `view`, `adopted` from whoever made it, or `bulk`, which
    was sent in one response, has no id (0), and is not on the server.
    """

    id: int
    kind: SnapshotKind
    md5: str
    tasks: int
    first: int = 0
    last: int = 0
    removed: tuple[int, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether it is on the server because an update made it."""
        return bool(self.id) and self.kind != "adopted"


@dataclass(frozen=True)
class Probe:
    """The state of the project by a few cheap requests; equal probes mean equal labels.

    `updated_at` is the newest of any task (the server's clock, ISO 8601 with zone), and `newest`
    the digest of the newest few. `columns` counts tasks by the keys of their data, as the server
    counts them. `counted` has the project's own counts of `annotations`, `predictions` and
    `skipped` annotations, while `annotations` and `predictions` are sums over tasks, which a few
    actions leave wrong. `models` counts predictions by model version (those without one as 0 of
    `None`), and `predicted_at` is when the newest was made, if there is any. `label_config`,
    `summary` and `newest` are SHA-256 digests. With a `view` the totals are those of its tasks,
    without the project's own counts.
    """

    tasks: int
    annotations: int
    predictions: int
    updated_at: str
    label_config: str
    summary: str
    newest: str = ""
    columns: Mapping[str, int] = field(default_factory=dict)
    view: int | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, int] = field(default_factory=dict)
    predicted_at: str = ""


@dataclass(frozen=True)
class ServerConversion:
    """The outcome of a format that the server was asked to write.

    `sha256` is the digest of the archive of what it wrote. Where it is empty, ls-dvc's own
    converter is the fallback, and `why` says that the server's conversion `failed` or was `stuck`.
    """

    format: str
    sha256: str = ""
    why: str = ""


@dataclass(frozen=True)
class PinnedMedia:
    """The media that belong to a pin.

    `files` are distinct contents, `bytes` their sizes together, `missing` addresses that led to
    nothing. `map` is the SHA-256 of the media map, `settings` of what was asked for.
    """

    files: int
    bytes: int
    missing: int
    map: str
    settings: str


@dataclass(frozen=True)
class TaskChangeCounts:
    """How many tasks differ from those of the version with the fingerprint `since`."""

    since: str
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Pin:
    """One version of the labels. `fingerprint` is the digest of the content, and of nothing else.

    `pinned_at` is this machine's clock, UTC, ISO 8601. `changes` are against the version that
    was committed then; None where there was none, or where it could not be read.

    `writers` has the version of each format's writer in the ls-dvc that updated the pin, `ls_dvc`
    its own version: which bytes the data set has. Empty in pins that an older ls-dvc made.

    `converted` are the formats that the server was asked to write of the one snapshot of the pin.
    They are content too, as `media` is; `labels` is then the digest without either.
    """

    fingerprint: str
    project_id: int
    title: str
    url: str
    tasks: int
    annotations: int
    label_config: str
    snapshots: tuple[ExportSnapshot, ...]
    probe: Probe
    classes: Classes = field(default_factory=Classes)
    pinned_at: str = ""
    changes: TaskChangeCounts | None = None
    converted: tuple[ServerConversion, ...] = ()
    labels: str = ""
    writers: Mapping[str, int] = field(default_factory=dict)
    ls_dvc: str = ""
    media: PinnedMedia | None = None

    @property
    def labels_alone(self) -> str:
        """The digest of the labels without media and without formats that the server wrote."""
        return self.labels or self.fingerprint

    def has_converted(self, served: Mapping[str, bool]) -> bool:
        """Whether exactly these formats are the server's; True: ls-dvc may be the fallback."""
        if [outcome.format for outcome in self.converted] != sorted(served):
            return False
        return all(outcome.sha256 or served[outcome.format] for outcome in self.converted)

    @property
    def is_repeatable(self) -> bool:
        """Whether the server can give the labels again, while it has the snapshots."""
        return all(snapshot.kind != "bulk" for snapshot in self.snapshots)

    @property
    def snapshot_ids(self) -> tuple[int, ...]:
        """The ids of those snapshots that are on the server."""
        return tuple(snapshot.id for snapshot in self.snapshots if snapshot.id)

    def link(self, task: int) -> str:
        """The address of a task in Label Studio."""
        return f"{self.url}/projects/{self.project_id}/data?task={task}"
