"""Use case: ask the server whether the labels moved, and move the pin when they did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ls_dvc import label_config, replay, shards
from ls_dvc.cache import Cache
from ls_dvc.canonical import Task
from ls_dvc.classes import Classes
from ls_dvc.errors import LabelsMovingError, ServerError, UserError
from ls_dvc.label_config import LabelConfig, named_labels
from ls_dvc.lock import Pin, Probe, ServerState, Snapshot
from ls_dvc.report import Reporter
from ls_dvc.tally import Tally

ATTEMPTS = 3


class Server(Protocol):
    """What an update asks of a server; `server.studio.LabelStudio` is the real one."""

    @property
    def url(self) -> str:
        """The address."""

    def state(self) -> ServerState:
        """The project as it is now, asked cheaply."""

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest task id."""

    def count(self, first: int, last: int) -> int:
        """How many tasks have first <= id <= last."""

    def sweep(self) -> None:
        """Remove what killed runs left."""

    def take(self, first: int, last: int) -> Snapshot:
        """A finished snapshot of first <= id <= last."""

    def discard(self, snapshot: Snapshot) -> None:
        """Remove a snapshot."""

    def download(self, snapshot: Snapshot, part: Path, arrived: Callable[[int], None]) -> None:
        """The raw JSON of a snapshot, whole and checked."""


@dataclass(frozen=True)
class Order:
    """How to update.

    `full` makes new snapshots though nothing moved. `allow_moving` takes tasks as they were,
    each at its own moment, when annotators never pause. `base` gives the version to count
    changes against, if there is one; it is asked only when labels moved. `renames` leads
    from old names of classes to new ones.
    """

    tasks_per_snapshot: int
    full: bool = False
    allow_moving: bool = False
    base: Callable[[], shards.Folder | None] = lambda: None
    renames: Mapping[str, str] = field(default_factory=dict)


def update(
    server: Server, old: Pin | None, cache: Cache, order: Order, report: Reporter, now: str
) -> Pin:
    """The pin of the labels as they are; `old` itself when none of them moved.

    `now` is the time to note, ISO 8601. When anything fails, what was made on the server for
    this update is removed there again, and nothing was written but the side cache.
    """
    if old is not None and not order.full:
        state = server.state()
        if not has_moved(state, old, cache):
            return _renamed(server, old, cache, order, state, now)
    server.sweep()
    export = _consistent(server, cache, order, report)
    with _discarding(server, export.snapshots):
        pin = _pin(server, old, cache, export, order, now)
    if old is None or order.full or pin.fingerprint != old.fingerprint:
        return pin
    cache.remember(old.fingerprint, export.state.probe)
    _discard(server, export.snapshots)
    return old


def _renamed(
    server: Server, old: Pin, cache: Cache, order: Order, state: ServerState, now: str
) -> Pin:
    """The same labels, with the classes that the settings rename; `old` when there are none."""
    if old.classes.renaming(order.renames) == old.classes:
        return old
    export = _Export(state, old.snapshots, moving=False)
    return _pin(server, old, cache, export, order, now)


def has_moved(state: ServerState, pin: Pin, cache: Cache) -> bool:
    """Whether labels may differ from the pinned ones; False is certain."""
    return state.probe not in (pin.probe, cache.remembered(pin.fingerprint))


def plan(server: Server, tasks_per_snapshot: int) -> list[tuple[int, int]]:
    """Id ranges that follow each other and hold no more tasks than a snapshot should.

    They begin where shards begin, and are halved until they are small enough, at the cost of
    one cheap question each time. Empty ones are left out.
    """
    first, last = server.bounds()
    starts = range(shards.start_of(first), last + 1, shards.SIZE)
    return list(_halved(server, starts, tasks_per_snapshot))


def fetch(server: Server, snapshot: Snapshot, cache: Cache) -> Path:
    """The file with a snapshot's raw JSON: the one in the side cache, or a fresh download."""
    return cache.get(snapshot, lambda each, part: server.download(each, part, lambda _: None))


@dataclass(frozen=True)
class _Export:
    """What one export found. `moving` when the labels changed under it."""

    state: ServerState
    snapshots: tuple[Snapshot, ...]
    moving: bool


def _halved(server: Server, starts: range, limit: int) -> Iterator[tuple[int, int]]:
    first, last = starts[0], starts[-1] + shards.SIZE - 1
    found = server.count(first, last)
    if found <= limit or len(starts) == 1:
        if found:
            yield first, last
        return
    middle = len(starts) // 2
    yield from _halved(server, starts[:middle], limit)
    yield from _halved(server, starts[middle:], limit)


def _consistent(server: Server, cache: Cache, order: Order, report: Reporter) -> _Export:
    """An export between whose beginning and end no label moved."""
    for _ in range(ATTEMPTS - 1):
        export = _export(server, cache, order, report)
        if not export.moving:
            return export
        _discard(server, export.snapshots)
        report.say("labels moved during the export; exporting again")
    export = _export(server, cache, order, report)
    if not export.moving or order.allow_moving:
        return export
    _discard(server, export.snapshots)
    raise LabelsMovingError(
        f"the labels of project {export.state.project_id} moved during each of {ATTEMPTS} exports",
        "try again when annotators pause, or take each task as it was at a moment of its own: "
        "`ls-dvc update --allow-moving`",
    )


def _export(server: Server, cache: Cache, order: Order, report: Reporter) -> _Export:
    before = server.state()
    label_config.parse(before.label_config, f"the label config of project {before.project_id}")
    if before.probe.tasks == 0:
        raise UserError(
            f"project {before.project_id} ({before.title}) on {server.url} has no tasks",
            "import some first, or check label_studio.project_id in params.yaml",
        )
    made: list[Snapshot] = []
    with _discarding(server, made), report.bar("exporting tasks", before.probe.tasks) as bar:
        for first, last in plan(server, order.tasks_per_snapshot):
            made.append(server.take(first, last))
            fetch(server, made[-1], cache)
            bar.advance(made[-1].tasks)
        after = server.state()
    return _Export(before, tuple(made), moving=after != before)


def _pin(
    server: Server,
    old: Pin | None,
    cache: Cache,
    export: _Export,
    order: Order,
    now: str,
) -> Pin:
    state = export.state
    known = old.classes if old is not None and old.project_id == state.project_id else Classes()
    config = label_config.parse(state.label_config, "the label config")
    labels = _DynamicLabels(config)
    tasks = replay.tasks(export.snapshots, lambda each: fetch(server, each, cache))
    base = order.base()
    files, tally = replay.files(labels.noted(tasks)), Tally(base) if base else None
    manifest = shards.Manifest.of(tally.counted(files) if tally else files)
    known = known.renaming(order.renames)
    classes = known.extended(config.classes(), config.class_ids()).extended(labels.found())
    classes = classes.renaming(order.renames)
    manifest = manifest.with_files(shards.companions(state.label_config, classes))
    if not export.moving:
        _check_complete(manifest, state.probe)
    return Pin(
        fingerprint=manifest.fingerprint,
        project_id=state.project_id,
        title=state.title,
        url=server.url,
        tasks=manifest.counts.tasks,
        annotations=manifest.counts.annotations,
        label_config=state.label_config,
        snapshots=export.snapshots,
        probe=state.probe,
        classes=classes,
        pinned_at=now,
        changes=tally.changes() if tally else None,
    )


@dataclass
class _DynamicLabels:
    """The labels of controls that take them from each task's data, seen in regions."""

    config: LabelConfig
    seen: dict[str, set[str]] = field(default_factory=dict)

    def noted(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The same tasks; their labels are noted as they pass."""
        dynamic = {
            c.name: self.config.space_of(c)
            for c in self.config.controls.values()
            if c.dynamic and c.draws_regions
        }
        for task in tasks:
            for annotation in task["annotations"] if dynamic else ():
                for region in annotation["result"]:
                    for control, label in named_labels(region):
                        if control in dynamic:
                            self.seen.setdefault(dynamic[control], set()).add(label)
            yield task

    def found(self) -> dict[str, list[str]]:
        """What was noted, by class space, sorted: the order of tasks must not matter."""
        return {space: sorted(names) for space, names in self.seen.items()}


def _check_complete(manifest: shards.Manifest, probe: Probe) -> None:
    for what, found, told in (
        ("tasks", manifest.counts.tasks, probe.tasks),
        ("annotations", manifest.counts.annotations, probe.annotations),
    ):
        if found != told:
            raise ServerError(
                f"the export holds {found} {what}, the server counts {told}",
                "try again; when it stays so, the server's export leaves something out",
            )


@contextmanager
def _discarding(server: Server, snapshots: Iterable[Snapshot]) -> Iterator[None]:
    """Remove `snapshots` from the server again when the block fails."""
    try:
        yield
    except BaseException:
        _discard(server, snapshots)
        raise


def _discard(server: Server, snapshots: Iterable[Snapshot]) -> None:
    for each in snapshots:
        with suppress(ServerError):
            server.discard(each)
