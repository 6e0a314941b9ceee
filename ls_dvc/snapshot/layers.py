"""The tasks of one raw snapshot, a shard at a time and in whatever order its file has them.

A small file is held whole, which is fastest. Of any other file only an index is held, of
24 bytes for each task, and tasks are read where they lie when their shard is asked for.
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

WHOLE = 16 << 20  # bytes of raw JSON; as Python's objects they take some five times as much


class Layer(Protocol):
    """What one snapshot says of each shard."""

    @property
    def starts(self) -> Collection[int]:
        """The first ids of the shards that it has tasks of."""

    def shard(self, start: int) -> Mapping[int, Task | None]:
        """Canonical tasks by id, unordered, of the shard that begins at `start`; None: removed."""


def load(path: Path, snapshot: ExportSnapshot, whole: int = WHOLE) -> Layer:
    """The layer of the raw snapshot in `path`; a delta, or more than `whole` bytes, is indexed.

    `SnapshotMismatchError` when it does not hold exactly what the pin says: a server that ignored
    the filter sends other tasks, and one that broke off sends fewer.
    """
    if snapshot.kind == "delta" or path.stat().st_size > whole:
        return _indexed(path, snapshot)
    return _held(path, snapshot)


@dataclass(frozen=True)
class RemovedLayer:
    """No tasks, and which of those below are gone."""

    ids: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, ids: Iterable[int]) -> RemovedLayer:
        """The layer in which the tasks with these ids are gone."""
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
    """What a snapshot folder holds."""

    folder: snapshot_folder.SnapshotFolder

    @property
    def starts(self) -> Collection[int]:
        """See `Layer`."""
        return [start_in(name) for name in self.folder.manifest.shards]

    def shard(self, start: int) -> Mapping[int, Task | None]:
        """See `Layer`."""
        return {each["id"]: each for each in self.folder.tasks_in(shard_name(start))}


@dataclass(frozen=True)
class _Held:
    """Tasks in memory, by the first ids of their shards."""

    tasks: Mapping[int, Sequence[Task]]

    @property
    def starts(self) -> Collection[int]:
        return self.tasks.keys()

    def shard(self, start: int) -> Mapping[int, Task | None]:
        return {each["id"]: each for each in self.tasks.get(start, ())}


class _Extents(NamedTuple):
    """Where the tasks of a shard lie: three columns, in bytes of the file."""

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
        found = {}
        with self.path.open("rb") as raw, _understood(self.snapshot):
            for task_id, first, length in zip(*extents, strict=True):
                raw.seek(first)
                found[task_id] = canonical.task(json.loads(raw.read(length)))
        return found


def _held(path: Path, snapshot: ExportSnapshot) -> Layer:
    found: dict[int, list[Task]] = {}
    with path.open("rb") as raw, _understood(snapshot):
        for each in _array(json.load(raw)):
            found.setdefault(start_of(_id(each)), []).append(canonical.task(each))
    _check(snapshot, [[each["id"] for each in tasks] for tasks in found.values()])
    return _Held(found)


def _indexed(path: Path, snapshot: ExportSnapshot) -> Layer:
    found: dict[int, _Extents] = {}
    with path.open("rb") as raw, _understood(snapshot):
        for first, end, value in json_items.items(raw):
            task_id = _id(value)
            extents = found.setdefault(start_of(task_id), _Extents.none())
            extents.ids.append(task_id)
            extents.firsts.append(first)
            extents.lengths.append(end - first)
    _check(snapshot, [each.ids for each in found.values()])
    return _Indexed(path, snapshot, found, _by_shard(snapshot.removed))


def _by_shard(ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
    found: dict[int, list[int]] = {}
    for each in ids:
        found.setdefault(start_of(each), []).append(each)
    return found


def _check(snapshot: ExportSnapshot, by_shard: Iterable[Sequence[int]]) -> None:
    """`by_shard` are the ids that were found."""
    by_shard = list(by_shard)
    found, distinct = sum(map(len, by_shard)), sum(len(set(ids)) for ids in by_shard)
    if found != snapshot.tasks or distinct != snapshot.tasks:
        raise SnapshotMismatchError(
            f"snapshot {snapshot.id} holds {found} tasks where {snapshot.tasks} were asked for"
        )
    strays = [n for ids in by_shard for n in ids if not snapshot.first <= n <= snapshot.last]
    if snapshot.kind == "range" and strays:
        raise SnapshotMismatchError(
            f"snapshot {snapshot.id} holds task {min(strays)}, which is not in the asked range "
            f"{snapshot.first}-{snapshot.last}"
        )


@contextmanager
def _understood(snapshot: ExportSnapshot) -> Iterator[None]:
    """For reading raw JSON: its MD5 is right, so what is wrong in it the server wrote."""
    try:
        yield
    except ValueError as error:
        raise SnapshotMismatchError(
            f"snapshot {snapshot.id} is not a list of tasks: {error}"
        ) from error


def _array(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise ValueError("Expecting '[' at byte 0")  # noqa: TRY004  (wrong content, not a wrong call)
    return content


def _id(task: Any) -> int:
    task_id = task.get("id") if isinstance(task, dict) else None
    if not isinstance(task_id, int):
        raise ValueError("it holds something that has no id")  # noqa: TRY004
    return task_id
