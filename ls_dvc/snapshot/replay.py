"""From export snapshots to shards: a pure function of the pin and the bytes it names.

Ranges follow each other, and deltas are applied over them; an export snapshot of another kind is
one range of all ids. One range is open at a time, and one shard is merged at a time, so memory does
not grow with the project.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.shards import TASKS_PER_SHARD, start_of
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.snapshot import layers
from ls_dvc.snapshot.layers import Layer
from ls_dvc.snapshot.manifest import SnapshotFile, shard, shard_name
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

Locate = Callable[[ExportSnapshot], Path]
Passing = Callable[[Iterable[Task]], Iterator[Task]]


def tasks(snapshots: Iterable[ExportSnapshot], locate: Locate) -> Iterator[Task]:
    """Every task that `snapshots` describe, canonical, ordered by id.

    `locate` gives the file that holds a snapshot's raw JSON, already checked against its MD5.
    """
    snapshots = tuple(snapshots)
    deltas = [layer(delta, locate) for delta in snapshots if delta.kind == "delta"]
    last: float = -1
    for snapshot in sorted((each for each in snapshots if each.kind != "delta"), key=_first):
        end = snapshot.last if snapshot.kind == "range" else math.inf
        yield from _merged([layer(snapshot, locate), *deltas], last + 1, end)
        last = end
    yield from _merged(deltas, last + 1, math.inf)


def over(base: SnapshotFolder, deltas: Sequence[Layer], passing: Passing = iter) -> SnapshotFolder:
    """`base` with `deltas` applied; only the shards that they change are read.

    Every task in those goes through `passing`.
    """
    changed = {start for delta in deltas for start in delta.starts}
    stack = [layers.BaseLayer(base), *deltas]
    tasks = (task for start in sorted(changed) for task in _shard(stack, start))
    shards = list(files(passing(tasks)))
    removed = {shard_name(start) for start in changed} - {file.name for file in shards}
    return base.patched(shards, removed)


def layer(snapshot: ExportSnapshot, locate: Locate) -> Layer:
    """The layer of an export snapshot. A delta without tasks has no file, and removes some."""
    if snapshot.kind == "delta" and not snapshot.tasks:
        return layers.RemovedLayer.of(snapshot.removed)
    return layers.load(locate(snapshot), snapshot)


def files(tasks: Iterable[Task]) -> Iterator[SnapshotFile]:
    """The shards of `tasks`, which are ordered by id."""
    for start, group in itertools.groupby(tasks, key=lambda task: start_of(task["id"])):
        yield shard(start, group)


def _merged(stack: Sequence[Layer], first: float, last: float) -> Iterator[Task]:
    """The tasks with first <= id <= last, ordered by id."""
    starts = {start for layer in stack for start in layer.starts}
    for start in sorted(start for start in starts if first - TASKS_PER_SHARD < start <= last):
        yield from (task for task in _shard(stack, start) if first <= task["id"] <= last)


def _shard(stack: Sequence[Layer], start: int) -> Iterator[Task]:
    """The tasks of a shard, ordered by id; a later layer hides those before it."""
    tasks: dict[int, Task | None] = {}
    for layer in stack:
        tasks.update(layer.shard(start))
    return (task for _, task in sorted(tasks.items()) if task is not None)


def _first(snapshot: ExportSnapshot) -> int:
    return snapshot.first
