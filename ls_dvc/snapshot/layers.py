"""The tasks of one export snapshot, a shard at a time, in whatever order its file has them.

A small file is kept in memory, which is fastest. Of any other file only an index is kept, of
24 bytes for each task, and tasks are read from the file when their shard is asked for.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ls_dvc.errors import SnapshotMismatchError
from ls_dvc.io import json_items
from ls_dvc.labels import canonical
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.shards import start_of
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.manifest import shard_name, start_in

LARGEST_ID = 2**53 - 1
WHOLE = 16 << 20  # bytes of raw JSON; as Python's objects they take some five times as much


class Layer(Protocol):
    """What one export snapshot says of each shard."""

    @property
    def starts(self) -> Collection[int]:
        """The first ids of the shards in which it has or removes tasks."""

    def shard(self, start: int) -> Mapping[int, Task | None]:
        """Canonical tasks by id, unordered, of the shard that begins at `start`; None: removed."""


def load(path: Path, snapshot: ExportSnapshot, whole: int = WHOLE) -> Layer:
    """The layer of the export snapshot in the file `path`.

    A delta, or a file of more than `whole` bytes, is indexed. `SnapshotMismatchError` when it does
    not hold exactly what the pin says: a server that ignored the filter sends other tasks, and one
    that broke off sends fewer.
    """
    if snapshot.kind == "delta" or path.stat().st_size > whole:
        return _indexed(path, snapshot)
    return _in_memory(path, snapshot)


@dataclass(frozen=True)
class RemovedLayer:
    """No tasks, but ids of tasks that are removed from the layers below."""

    ids: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, ids: Iterable[int]) -> RemovedLayer:
        """The layer that removes the tasks with these ids."""
        return cls(_by_shard(ids))

    @property
    def starts(self) -> Collection[int]:
        """See `Layer`."""
        return self.ids.keys()

    def shard(self, start: int) -> Mapping[int, Task | None]:
        """See `Layer`."""
        return dict.fromkeys(self.ids.get(start, ()))


@dataclass(frozen=True)
class BaseLayer:
    """The tasks of a snapshot folder."""

    folder: snapshot_folder.SnapshotFolder

    @property
    def starts(self) -> Collection[int]:
        """See `Layer`."""
        return [start_in(name) for name in self.folder.manifest.shards]

    def shard(self, start: int) -> Mapping[int, Task | None]:
        """See `Layer`."""
        return {task["id"]: task for task in self.folder.tasks_in(shard_name(start))}


@dataclass(frozen=True)
class _InMemory:
    """Tasks in memory, by the first ids of their shards."""

    tasks: Mapping[int, Sequence[Task]]

    @property
    def starts(self) -> Collection[int]:
        return self.tasks.keys()

    def shard(self, start: int) -> Mapping[int, Task | None]:
        return {task["id"]: task for task in self.tasks.get(start, ())}


class _Extents(NamedTuple):
    """Where the tasks of a shard are in the file: ids, first bytes and lengths in bytes."""

    ids: array[int]
    firsts: array[int]
    lengths: array[int]

    @classmethod
    def none(cls) -> _Extents:
        return cls(array("q"), array("q"), array("q"))


@dataclass(frozen=True)
class _Indexed:
    """Tasks in a file, by the first ids of their shards; and the ids that are removed."""

    path: Path
    snapshot: ExportSnapshot
    extents: Mapping[int, _Extents]
    removed: Mapping[int, Sequence[int]]

    @property
    def starts(self) -> Collection[int]:
        return self.extents.keys() | self.removed.keys()

    def shard(self, start: int) -> Mapping[int, Task | None]:
        removed: dict[int, Task | None] = dict.fromkeys(self.removed.get(start, ()))
        return {**removed, **self._read(self.extents[start])} if start in self.extents else removed

    def _read(self, extents: _Extents) -> dict[int, Task]:
        tasks = {}
        with self.path.open("rb") as raw, _parsing(self.snapshot):
            for task_id, first, length in zip(*extents, strict=True):
                raw.seek(first)
                tasks[task_id] = canonical.task(json.loads(raw.read(length)))
        return tasks


def _in_memory(path: Path, snapshot: ExportSnapshot) -> Layer:
    by_shard: dict[int, list[Task]] = {}
    with path.open("rb") as raw, _parsing(snapshot):
        for task in _array(json.load(raw)):
            by_shard.setdefault(start_of(_id(task)), []).append(canonical.task(task))
    _check(snapshot, [[task["id"] for task in tasks] for tasks in by_shard.values()])
    return _InMemory(by_shard)


def _indexed(path: Path, snapshot: ExportSnapshot) -> Layer:
    by_shard: dict[int, _Extents] = {}
    with path.open("rb") as raw, _parsing(snapshot):
        for first, end, value in json_items.items(raw):
            task_id = _id(value)
            extents = by_shard.setdefault(start_of(task_id), _Extents.none())
            extents.ids.append(task_id)
            extents.firsts.append(first)
            extents.lengths.append(end - first)
    _check(snapshot, [extents.ids for extents in by_shard.values()])
    return _Indexed(path, snapshot, by_shard, _by_shard(snapshot.removed))


def _by_shard(ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
    by_shard: dict[int, list[int]] = {}
    for task_id in ids:
        by_shard.setdefault(start_of(task_id), []).append(task_id)
    return by_shard


def _check(snapshot: ExportSnapshot, by_shard: Iterable[Sequence[int]]) -> None:
    """Compare the ids in a file, by shard, with what the pin says of the snapshot."""
    by_shard = list(by_shard)
    count, distinct = sum(map(len, by_shard)), sum(len(set(ids)) for ids in by_shard)
    if count != snapshot.tasks or distinct != snapshot.tasks:
        raise SnapshotMismatchError(
            f"snapshot {snapshot.id} holds {count} tasks where {snapshot.tasks} were asked for"
        )
    outside = [n for ids in by_shard for n in ids if not snapshot.first <= n <= snapshot.last]
    if snapshot.kind == "range" and outside:
        raise SnapshotMismatchError(
            f"snapshot {snapshot.id} holds task {min(outside)}, which is not in the asked range "
            f"{snapshot.first}-{snapshot.last}"
        )


@contextmanager
def _parsing(snapshot: ExportSnapshot) -> Iterator[None]:
    """For parsing raw JSON: its MD5 is right, so the server wrote what is wrong in it."""
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise SnapshotMismatchError(
            f"snapshot {snapshot.id} is not a list of tasks: {error}"
        ) from error


def _array(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise ValueError("Expecting '[' at byte 0")  # noqa: TRY004  (wrong content, not a wrong call)
    return content


def _id(task: Any) -> int:
    task_id = task.get("id") if isinstance(task, dict) else None
    if type(task_id) is not int or not 0 <= task_id <= LARGEST_ID:
        raise ValueError("it holds something that has no id")
    return task_id
