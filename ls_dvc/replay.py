"""From raw snapshots to shards: a pure function of the pin and the bytes it names.

Ranges follow each other and begin where a shard begins, so one range is in memory at a time.
Deltas are small and lie over them.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ls_dvc import canonical, shards
from ls_dvc.canonical import Task
from ls_dvc.errors import ServerError
from ls_dvc.lock import Snapshot

Locate = Callable[[Snapshot], Path]


@dataclass
class _Overlay:
    """What the deltas say: the newest form of a task, or None where it was removed."""

    tasks: dict[int, Task | None] = field(default_factory=dict)

    def lay(self, snapshot: Snapshot, tasks: Iterable[Task]) -> None:
        self.tasks.update(dict.fromkeys(snapshot.removed))
        self.tasks.update({each["id"]: each for each in tasks})

    def over(self, tasks: Iterable[Task], first: int, last: float) -> Iterator[Task]:
        """`tasks` with all that lies over the ids from `first` to `last`, ordered by id."""
        merged: dict[int, Task | None] = {each["id"]: each for each in tasks}
        for task_id in [each for each in self.tasks if first <= each <= last]:
            merged[task_id] = self.tasks.pop(task_id)
        for task_id in sorted(merged):
            task = merged[task_id]
            if task is not None:
                yield task


def tasks(snapshots: Iterable[Snapshot], locate: Locate) -> Iterator[Task]:
    """Every task that `snapshots` describe, canonical, ordered by id.

    `locate` gives the file that holds a snapshot's raw JSON, already checked against its MD5.
    """
    snapshots = tuple(snapshots)
    overlay = _Overlay()
    for each in (one for one in snapshots if one.kind == "delta"):
        overlay.lay(each, load(locate(each), each))
    last = -1
    for each in sorted((one for one in snapshots if one.kind == "range"), key=_first):
        yield from overlay.over(load(locate(each), each), last + 1, each.last)
        last = each.last
    yield from overlay.over((), last + 1, math.inf)


def files(of: Iterable[Task]) -> Iterator[shards.File]:
    """The shards of tasks that come ordered by id."""
    for start, group in itertools.groupby(of, key=lambda each: shards.start_of(each["id"])):
        yield shards.shard(start, group)


def load(path: Path, snapshot: Snapshot) -> list[Task]:
    """The canonical tasks in one raw snapshot, in its order.

    `ServerError` when it does not hold exactly what the pin says: a server that ignored the
    filter sends other tasks, and one that broke off sends fewer.
    """
    with path.open("rb") as raw:
        found = [canonical.task(each) for each in _array(json.load(raw), snapshot)]
    ids = {each["id"] for each in found}
    if len(found) != snapshot.tasks or len(ids) != snapshot.tasks:
        raise ServerError(
            f"snapshot {snapshot.id} holds {len(found)} tasks where {snapshot.tasks} were asked for"
        )
    strays = [each for each in ids if not snapshot.first <= each <= snapshot.last]
    if snapshot.kind == "range" and strays:
        raise ServerError(
            f"snapshot {snapshot.id} holds task {min(strays)}, which is not in the asked range "
            f"{snapshot.first}-{snapshot.last}"
        )
    return found


def _array(content: Any, snapshot: Snapshot) -> list[Mapping[str, Any]]:
    if not isinstance(content, list):
        raise ServerError(f"snapshot {snapshot.id} is not a list of tasks")
    return content


def _first(snapshot: Snapshot) -> int:
    return snapshot.first
