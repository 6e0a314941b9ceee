"""Snapshots of a span of ids in requests that stay short, several at once when asked.

How many tasks a server exports in a second is known once it has done so: the first request asks
for few, and the next ones for as many as should take GOAL seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile
from typing import NamedTuple

from ls_dvc.labels.shards import SIZE, start_of
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.interface import LARGEST_ID, Server, TaskRange

GOAL = 10.0  # seconds that a request should take
FIRST = 1000  # tasks in the first one
GROWTH = 4  # times as many tasks as before, at most


class CountedRange(NamedTuple):
    """A span, and how many tasks are in it."""

    span: TaskRange
    tasks: int


@dataclass
class BatchSizer:
    """How many tasks to ask for in one request, never more than `most`; `jobs` at once."""

    most: int
    jobs: int = 1
    limit: int = FIRST

    def __post_init__(self) -> None:
        self.limit = min(self.limit, self.most)

    def note(self, tasks: int, seconds: float) -> None:
        """A request for `tasks` took so long. One for a few tasks tells little of the speed."""
        if tasks * 2 < self.limit:
            return
        wanted = int(tasks * GOAL / max(seconds, 0.001))
        self.limit = max(1, min(wanted, self.limit * GROWTH, self.most))


def take(
    server: Server,
    spans: Iterable[CountedRange],
    sizer: BatchSizer,
    landed: Callable[[ExportSnapshot], None],
    ended: Callable[[], bool] = lambda: False,
) -> None:
    """Take snapshots that hold all tasks in `spans`, or no further one once it has `ended`.

    `landed` hears of each when it is done, in the thread of the caller. When one fails, those
    under way are waited for and heard of as well, and no further one is begun.
    """
    coming = takewhile(lambda _: not ended(), _short(server, spans, sizer))
    work = partial(_timed, server, sizer)
    if sizer.jobs == 1:  # without a thread, an interrupt ends the request
        for each in coming:
            landed(work(each))
        return
    with ThreadPoolExecutor(sizer.jobs) as pool:
        under_way = {pool.submit(work, each) for each in islice(coming, sizer.jobs)}
        try:
            while under_way:
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    under_way.remove(future)
                    landed(future.result())
                under_way |= {pool.submit(work, each) for each in islice(coming, len(done))}
        finally:  # whatever ended the loop, the server finishes what it has begun
            for future in wait(under_way).done:
                if future.exception() is None:
                    landed(future.result())


def _timed(server: Server, sizer: BatchSizer, piece: CountedRange) -> ExportSnapshot:
    began = time.monotonic()
    made = server.take(piece.span)
    sizer.note(piece.tasks, time.monotonic() - began)
    return made


def counted(server: Server, spans: Iterable[TaskRange]) -> Iterator[CountedRange]:
    """Each span with the number of its tasks, asked for when it is its turn."""
    return (CountedRange(each, server.count(each)) for each in spans)


def around(first: int, last: int, since: str = "") -> TaskRange:
    """The span of the shards from that of `first` to that of `last`."""
    return TaskRange(start_of(first), start_of(last) + SIZE - 1, since)


def gaps(whole: TaskRange, taken: Iterable[ExportSnapshot]) -> Iterator[TaskRange]:
    """What of `whole` no snapshot in `taken` has."""
    first = whole.first
    for each in sorted(taken, key=lambda one: one.first):
        if each.first > first:
            yield replace(whole, first=first, last=min(each.first - 1, whole.last))
        first = max(first, each.last + 1)
    if first <= whole.last:
        yield replace(whole, first=first)


def _short(
    server: Server, spans: Iterable[CountedRange], sizer: BatchSizer
) -> Iterator[CountedRange]:
    """`spans` in pieces that fit the pace; empty ones left out.

    They are halved where shards begin, at the cost of one cheap question each time. What remains
    to be halved meets the pace of then.
    """
    for each in spans:
        if each.tasks > sizer.limit and each.span.last - each.span.first >= SIZE:
            yield from _short(server, _parts(server, each), sizer)
        elif each.tasks:
            yield each


def _parts(server: Server, whole: CountedRange) -> list[CountedRange]:
    """The halves of a span; of one without an end, the part that has tasks.

    What comes or goes between two counts is no matter here, for a delta will hold it.
    """
    span = whole.span
    if span.last == LARGEST_ID:
        return [CountedRange(around(*server.bounds(), span.since), whole.tasks)]
    middle = start_of((span.first + span.last + 1) // 2)
    low, high = replace(span, last=middle - 1), replace(span, first=middle)
    held = server.count(low)
    return [CountedRange(low, held), CountedRange(high, max(whole.tasks - held, 0))]
