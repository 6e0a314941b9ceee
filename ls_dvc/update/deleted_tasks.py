"""Which tasks were deleted on the server: found by counting id ranges, as it lists none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ls_dvc.labels.shards import TASKS_PER_SHARD
from ls_dvc.server.interface import TaskRange
from ls_dvc.snapshot.manifest import shard_name, start_in
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

MOST_DELETED = 1000  # tasks; a full export is faster for more
MOST_COUNTS = 500  # requests, likewise


class AmbiguousCountsError(Exception):
    """The counts fit no set of deleted tasks, or it would take too long to find it."""


class TaskCounter(Protocol):
    """What a search needs of a server."""

    def count(self, span: TaskRange) -> int:
        """How many tasks are in `span`."""


class _TaskSpan(NamedTuple):
    """An id range of our snapshot folder, and how many tasks it holds there."""

    first: int
    last: int
    tasks: int


def find_deleted(server: TaskCounter, folder: SnapshotFolder, total: int) -> tuple[int, ...]:
    """The ids of the tasks in `folder` that the server, which has `total` tasks, no longer has.

    A range with equal counts is not searched further, so each run of deleted tasks costs some ten
    requests. `AmbiguousCountsError` if the server has tasks that the folder lacks.
    """
    deleted = folder.manifest.counts.tasks - total
    if deleted == 0:
        return ()
    if not 0 < deleted <= MOST_DELETED:
        raise AmbiguousCountsError(
            f"the server has {-deleted} tasks more" if deleted < 0 else f"{deleted} are gone"
        )
    return tuple(_Search(server, folder).among(_shards(folder)))


class _Search:
    def __init__(self, server: TaskCounter, folder: SnapshotFolder) -> None:
        self._server = server
        self._folder = folder
        self._counts_asked = 0

    def among(self, spans: Sequence[_TaskSpan]) -> Iterator[int]:
        """The ids of deleted tasks in `spans`, which follow each other."""
        known, existing = sum(span.tasks for span in spans), self._count(spans)
        if existing > known:
            raise AmbiguousCountsError(f"{existing - known} tasks were added between known ids")
        if existing == known:
            return
        if existing == 0:
            for span in spans:
                yield from self._ids(span)
        elif len(spans) == 1:
            yield from self.among([_TaskSpan(id_, id_, 1) for id_ in self._ids(spans[0])])
        else:
            middle = len(spans) // 2
            yield from self.among(spans[:middle])
            yield from self.among(spans[middle:])

    def _count(self, spans: Sequence[_TaskSpan]) -> int:
        self._counts_asked += 1
        if self._counts_asked > MOST_COUNTS:
            raise AmbiguousCountsError("the deleted tasks are too scattered to search for")
        return self._server.count(TaskRange(spans[0].first, spans[-1].last))

    def _ids(self, span: _TaskSpan) -> list[int]:
        if span.first == span.last:
            return [span.first]
        name = shard_name(span.first)
        return [task["id"] for task in self._folder.tasks_in(name)]


def _shards(folder: SnapshotFolder) -> list[_TaskSpan]:
    spans = []
    for name in folder.manifest.shards:
        first = start_in(name)
        tasks = folder.manifest.files[name].counts.tasks
        spans.append(_TaskSpan(first, first + TASKS_PER_SHARD - 1, tasks))
    return spans
