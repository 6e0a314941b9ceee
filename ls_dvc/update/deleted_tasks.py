"""Which tasks are gone from the server: found by counting, as nothing there tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ls_dvc.labels.shards import SIZE
from ls_dvc.server.interface import TaskRange
from ls_dvc.snapshot.manifest import shard_name, start_in
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

MOST = 1000  # tasks; more of them are found sooner by a full export
QUESTIONS = 500  # counts asked for, likewise


class AmbiguousCountsError(Exception):
    """The counts fit no set of lost tasks, or it would take too long to find it."""


class TaskCounter(Protocol):
    """What is asked of a server here."""

    def count(self, span: TaskRange) -> int:
        """How many tasks are in `span`."""


class _Cell(NamedTuple):
    """Some tasks with first <= id <= last: as many as we have."""

    first: int
    last: int
    tasks: int


def lost(server: TaskCounter, folder: SnapshotFolder, total: int) -> tuple[int, ...]:
    """The ids of the tasks in `folder` that the server, which has `total` tasks, has no more.

    Halves that hold as many here as there are not looked into, so it costs some ten questions for
    each stretch of lost tasks. `AmbiguousCountsError` when the server has tasks that the folder
    has not.
    """
    gone = folder.manifest.counts.tasks - total
    if gone == 0:
        return ()
    if not 0 < gone <= MOST:
        raise AmbiguousCountsError(
            f"the server has {-gone} tasks more" if gone < 0 else f"{gone} are gone"
        )
    return tuple(_Search(server, folder).among(_shards(folder)))


class _Search:
    def __init__(self, server: TaskCounter, folder: SnapshotFolder) -> None:
        self._server = server
        self._folder = folder
        self._asked = 0

    def among(self, cells: Sequence[_Cell]) -> Iterator[int]:
        """The ids of lost tasks among `cells`, which follow each other."""
        here, there = sum(each.tasks for each in cells), self._count(cells)
        if there > here:
            raise AmbiguousCountsError(f"{there - here} tasks came between ids that were known")
        if there == here:
            return
        if there == 0:
            for each in cells:
                yield from self._ids(each)
        elif len(cells) == 1:
            yield from self.among([_Cell(each, each, 1) for each in self._ids(cells[0])])
        else:
            middle = len(cells) // 2
            yield from self.among(cells[:middle])
            yield from self.among(cells[middle:])

    def _count(self, cells: Sequence[_Cell]) -> int:
        self._asked += 1
        if self._asked > QUESTIONS:
            raise AmbiguousCountsError("the lost tasks lie too far apart to look for each")
        return self._server.count(TaskRange(cells[0].first, cells[-1].last))

    def _ids(self, cell: _Cell) -> list[int]:
        if cell.first == cell.last:
            return [cell.first]
        name = shard_name(cell.first)
        return [each["id"] for each in self._folder.tasks_in(name)]


def _shards(folder: SnapshotFolder) -> list[_Cell]:
    found = []
    for name in folder.manifest.shards:
        first = start_in(name)
        tasks = folder.manifest.files[name].counts.tasks
        found.append(_Cell(first, first + SIZE - 1, tasks))
    return found
