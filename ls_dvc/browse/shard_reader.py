"""Tasks by id, with their media; the last shards stay in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ls_dvc.labels import canonical
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.media import MediaEntry
from ls_dvc.labels.shards import start_of
from ls_dvc.snapshot import manifest, media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

MOST = 64 << 20  # bytes of all shards in memory but the last one


@dataclass(frozen=True)
class ReadShard:
    """The lines of tasks and the entries of the media map, by task id. `size` in bytes."""

    lines: Mapping[int, bytes]
    media: Mapping[int, Sequence[MediaEntry]]
    size: int


class ShardReader:
    """Reads tasks of a snapshot folder; threads may share it."""

    def __init__(self, folder: SnapshotFolder) -> None:
        self._folder = folder
        self._shards = OrderedDict[int, ReadShard]()
        self._lock = threading.Lock()

    def task(self, task_id: int) -> Task | None:
        """One task; None when it is not in this version."""
        line = self._shard(start_of(task_id)).lines.get(task_id)
        task: Task | None = None if line is None else canonical.parse(line)
        return task

    def media(self, task_id: int) -> Sequence[MediaEntry]:
        """What the addresses in a task led to, in the order of the media map."""
        return self._shard(start_of(task_id)).media.get(task_id, ())

    def _shard(self, start: int) -> ReadShard:
        with self._lock:
            if start not in self._shards:
                self._shards[start] = _read(self._folder, start)
            self._shards.move_to_end(start)
            while len(self._shards) > 1 and sum(e.size for e in self._shards.values()) > MOST:
                self._shards.popitem(last=False)
            return self._shards[start]


def _read(folder: SnapshotFolder, start: int) -> ReadShard:
    lines = folder.lines_in(manifest.shard_name(start))
    media: dict[int, list[MediaEntry]] = {}
    name = media_map.shard_name(start)
    for entry in media_map.entries_in(folder, name) if name in folder.manifest.files else ():
        media.setdefault(entry.task, []).append(entry)
    by_id = {canonical.parse(line)["id"]: line for line in lines}
    return ReadShard(by_id, media, sum(map(len, lines)))
