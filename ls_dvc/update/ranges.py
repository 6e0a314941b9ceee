"""Snapshots of id ranges in short requests, several at once if asked.

The speed of a server is known after its first answer: the first request asks for few tasks, the
next ones for as many as should take GOAL seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile
from typing import NamedTuple

from ls_dvc.labels.shards import TASKS_PER_SHARD, start_of
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.interface import LARGEST_ID, Server, TaskRange

GOAL = 10.0  # seconds that a request should take
FIRST = 1000  # tasks in the first one
GROWTH = 4  # times as many tasks as before, at most


class CountedRange(NamedTuple):
    """An id range, and how many tasks are in it."""

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
        """Learn from a request for `tasks`; one for a few says little about the speed."""
        if tasks * 2 < self.limit:
            return
        wanted = int(tasks * GOAL / max(seconds, 0.001))
        self.limit = max(1, min(wanted, self.limit * GROWTH, self.most))


def take(
    server: Server,
    spans: Iterable[CountedRange],
    sizer: BatchSizer,
    finished: Callable[[ExportSnapshot], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Take snapshots that hold all tasks in `spans`, until `should_stop` says so.

    `finished` is called with each one in the caller's thread. If one fails, those that are running
    are waited for and reported as well, and no further one is started.
    """
    pieces = takewhile(lambda _: not should_stop(), _pieces(server, spans, sizer))
    work = partial(_timed, server, sizer)
    if sizer.jobs == 1:  # without a thread, an interrupt ends the request
        for piece in pieces:
            finished(work(piece))
        return
    with ThreadPoolExecutor(sizer.jobs) as pool:
        running = {pool.submit(work, piece) for piece in islice(pieces, sizer.jobs)}
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    running.remove(future)
                    finished(future.result())
                running |= {pool.submit(work, piece) for piece in islice(pieces, len(done))}
        finally:  # whatever ended the loop, the server finishes the snapshots that it has started
            for future in wait(running).done:
                if future.exception() is None:
                    finished(future.result())


def _timed(server: Server, sizer: BatchSizer, piece: CountedRange) -> ExportSnapshot:
    start = time.monotonic()
    snapshot = server.take(piece.span)
    sizer.note(piece.tasks, time.monotonic() - start)
    return snapshot


def counted(server: Server, spans: Iterable[TaskRange]) -> Iterator[CountedRange]:
    """Each range with the number of its tasks, which is requested when its turn comes."""
    return (CountedRange(span, server.count(span)) for span in spans)


def around(first: int, last: int) -> TaskRange:
    """The id range of all shards from that of `first` to that of `last`."""
    return TaskRange(start_of(first), start_of(last) + TASKS_PER_SHARD - 1)


def gaps(whole: TaskRange, taken: Iterable[ExportSnapshot]) -> Iterator[TaskRange]:
    """The parts of `whole` that no snapshot in `taken` holds."""
    first = whole.first
    for snapshot in sorted(taken, key=lambda snapshot: snapshot.first):
        if snapshot.first > first:
            yield replace(whole, first=first, last=min(snapshot.first - 1, whole.last))
        first = max(first, snapshot.last + 1)
    if first <= whole.last:
        yield replace(whole, first=first)


def _pieces(
    server: Server, spans: Iterable[CountedRange], sizer: BatchSizer
) -> Iterator[CountedRange]:
    """`spans` in pieces that fit one request; empty ones left out.

    A range is halved where a shard begins, at the cost of one cheap request, as late as possible:
    `sizer` learns with each answer.
    """
    for piece in spans:
        if piece.tasks > sizer.limit and piece.span.last - piece.span.first >= TASKS_PER_SHARD:
            yield from _pieces(server, _halves(server, piece), sizer)
        elif piece.tasks:
            yield piece


def _halves(server: Server, whole: CountedRange) -> list[CountedRange]:
    """The halves of a range; of one without an end, the part that has tasks.

    Tasks that come or go between two counts do not matter: a delta will hold them.
    """
    span = whole.span
    if span.last == LARGEST_ID:
        bounds = around(*server.bounds())
        first, last = max(span.first, bounds.first), max(span.first, bounds.last)
        return [CountedRange(replace(span, first=first, last=last), whole.tasks)]
    middle = start_of((span.first + span.last + 1) // 2)
    low, high = replace(span, last=middle - 1), replace(span, first=middle)
    tasks = server.count(low)
    return [CountedRange(low, tasks), CountedRange(high, max(whole.tasks - tasks, 0))]
