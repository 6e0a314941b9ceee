"""From raw snapshots to shards: a pure function of the pin and the bytes it names.

Ranges follow each other, and deltas lie over them. One range is open at a time, and of what it and
the deltas hold, one shard is merged at a time: memory does not grow with the project.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ls_dvc import layers, shards
from ls_dvc.canonical import Task
from ls_dvc.layers import Layer
from ls_dvc.lock import Snapshot

Locate = Callable[[Snapshot], Path]


def tasks(snapshots: Iterable[Snapshot], locate: Locate) -> Iterator[Task]:
    """Every task that `snapshots` describe, canonical, ordered by id.

    `locate` gives the file that holds a snapshot's raw JSON, already checked against its MD5.
    """
    snapshots = tuple(snapshots)
    deltas = [layers.load(locate(each), each) for each in snapshots if each.kind == "delta"]
    last = -1
    for each in sorted((one for one in snapshots if one.kind == "range"), key=_first):
        yield from _merged([layers.load(locate(each), each), *deltas], last + 1, each.last)
        last = each.last
    yield from _merged(deltas, last + 1, math.inf)


def files(of: Iterable[Task]) -> Iterator[shards.File]:
    """The shards of tasks that come ordered by id."""
    for start, group in itertools.groupby(of, key=lambda each: shards.start_of(each["id"])):
        yield shards.shard(start, group)


def _merged(stack: Sequence[Layer], first: int, last: float) -> Iterator[Task]:
    """The tasks with first <= id <= last, ordered by id; a later layer hides the ones before."""
    starts = {each for layer in stack for each in layer.starts}
    for start in sorted(each for each in starts if first - shards.SIZE < each <= last):
        found: dict[int, Task | None] = {}
        for layer in stack:
            found.update(layer.shard(start))
        for task_id in sorted(found):
            task = found[task_id]
            if task is not None and first <= task_id <= last:
                yield task


def _first(snapshot: Snapshot) -> int:
    return snapshot.first
