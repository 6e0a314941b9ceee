"""Which tasks changed since a chain, and which of those that may have changed did not.

A change can be seen later than its time says: clocks differ, and a transaction takes its time. So
tasks are looked at from `OVERLAP` before the newest known change. After an import or a bulk action
those are very many, and nearly all are known with just the time that the server has: these are
left out, by their times. A task that changed since has another one.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone

from ls_dvc.io.iso_time import parse_time
from ls_dvc.labels.shards import start_of
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import LARGEST_ID, Server, TaskRange
from ls_dvc.server.refusals import RefusedError
from ls_dvc.snapshot import change_times
from ls_dvc.snapshot.layers import Layer
from ls_dvc.update.chain import Chain
from ls_dvc.update.ranges import CountedRange

OVERLAP = timedelta(seconds=60)  # between clocks, and between a change and its being seen
FEW = 100  # tasks that are rather exported than looked at
TIMES = 10_000  # in one request: SQLite takes 32,766


@dataclass(frozen=True)
class ChangedTasks:
    """The `ranges` that hold every task changed since a chain.

    `known` are the ids of tasks in them that are left out as long as they do not change; `tasks`
    counts all that the server has since the overlap began, these included.
    """

    ranges: list[CountedRange]
    tasks: int
    known: frozenset[int] = field(default_factory=frozenset)

    @property
    def count(self) -> int:
        """How many tasks are to be exported."""
        return sum(piece.tasks for piece in self.ranges)

    def mismatch(self, exported: Iterable[Layer], deleted: Iterable[int]) -> str:
        """What shows that a task was left out that changed; empty when nothing does.

        Every known task that was neither exported nor deleted must be one of those left out.
        """
        seen = {id_ for layer in exported for start in layer.starts for id_ in layer.shard(start)}
        unchanged, left_out = len(self.known - seen - {*deleted}), self.tasks - len(seen)
        if self.known and unchanged != left_out:
            return f"the server leaves out {left_out} tasks as unchanged, where {unchanged} are"
        return ""


def since(updated_at: str) -> str:
    """The time since which to look for changes, if the newest known one is from `updated_at`."""
    newest = parse_time(updated_at)
    return f"{(newest - OVERLAP).astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S.%f}Z"


def changed_tasks(server: Server, cache: Cache, chain: Chain) -> ChangedTasks:
    """What changed since `chain`; all tasks of the overlap if they are few, or none is known."""
    span = TaskRange(0, LARGEST_ID, since(chain.state.probe.updated_at))
    tasks = server.count(span)
    everything = ChangedTasks([CountedRange(span, tasks)], tasks)
    if tasks <= FEW:
        return everything
    times = _known_times(cache, chain, span.since)
    try:
        pieces = [CountedRange(piece, server.count(piece)) for piece in _without(span, times)]
    except RefusedError:  # by a server that knows no such filter, or takes no such request
        return everything
    return ChangedTasks(pieces, tasks, frozenset(times)) if times else everything


def _known_times(cache: Cache, chain: Chain, moment: str) -> Mapping[int, str]:
    """When the tasks of `chain` changed that did so after `moment`; empty if nobody knows."""
    if not all(cache.holds(snapshot) for snapshot in chain.snapshots):
        return {}
    try:
        return change_times.since(chain.snapshots, cache.path, moment)
    except (OSError, ValueError):
        return {}


def _without(span: TaskRange, times: Mapping[int, str]) -> Iterator[TaskRange]:
    """`span` in pieces of whole shards that leave out what changed at one of `times`, by id."""
    ids = sorted(times)
    firsts = sorted({span.first, *map(start_of, ids[TIMES::TIMES])})
    lasts = [*(first - 1 for first in firsts[1:]), span.last]
    for first, last in zip(firsts, lasts, strict=True):
        known = {times[task_id] for task_id in ids[bisect(ids, first - 1) : bisect(ids, last)]}
        yield TaskRange(first, last, span.since, tuple(sorted(known)))
