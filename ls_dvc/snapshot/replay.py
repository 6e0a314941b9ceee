"""From raw snapshots to shards: a pure function of the pin and the bytes it names.

Ranges follow each other, and deltas lie over them; a snapshot of another kind is one range of all
ids. One range is open at a time, and of what it and the deltas hold, one shard is merged at a time:
memory does not grow with the project.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.shards import SIZE, start_of
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
    deltas = [layer(each, locate) for each in snapshots if each.kind == "delta"]
    last: float = -1
    for each in sorted((one for one in snapshots if one.kind != "delta"), key=_first):
        end = each.last if each.kind == "range" else math.inf
        yield from _merged([layer(each, locate), *deltas], last + 1, end)
        last = end
    yield from _merged(deltas, last + 1, math.inf)


def over(base: SnapshotFolder, deltas: Sequence[Layer], noted: Passing = iter) -> SnapshotFolder:
    """`base` with `deltas` over it; only the shards that they touch are read.

    Every task in those passes through `noted`.
    """
    touched = {start for each in deltas for start in each.starts}
    stack = [layers.BaseLayer(base), *deltas]
    tasks = (task for start in sorted(touched) for task in _shard(stack, start))
    fresh = list(files(noted(tasks)))
    gone = {shard_name(start) for start in touched} - {each.name for each in fresh}
    return base.patched(fresh, gone)


def layer(snapshot: ExportSnapshot, locate: Locate) -> Layer:
    """What a snapshot says. One without tasks has no file, and removes some."""
    if snapshot.kind == "delta" and not snapshot.tasks:
        return layers.RemovedLayer.of(snapshot.removed)
    return layers.load(locate(snapshot), snapshot)


def files(of: Iterable[Task]) -> Iterator[SnapshotFile]:
    """The shards of tasks that come ordered by id."""
    for start, group in itertools.groupby(of, key=lambda each: start_of(each["id"])):
        yield shard(start, group)


def _merged(stack: Sequence[Layer], first: float, last: float) -> Iterator[Task]:
    """The tasks with first <= id <= last, ordered by id."""
    starts = {each for layer in stack for each in layer.starts}
    for start in sorted(each for each in starts if first - SIZE < each <= last):
        yield from (each for each in _shard(stack, start) if first <= each["id"] <= last)


def _shard(stack: Sequence[Layer], start: int) -> Iterator[Task]:
    """The tasks of a shard, ordered by id; a later layer hides the ones before."""
    found: dict[int, Task | None] = {}
    for each in stack:
        found.update(each.shard(start))
    return (task for _, task in sorted(found.items()) if task is not None)


def _first(snapshot: ExportSnapshot) -> int:
    return snapshot.first
