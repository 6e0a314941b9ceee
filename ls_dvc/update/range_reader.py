"""Download, check and order ranges while the server works on the next ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from queue import SimpleQueue
from threading import Event

from ls_dvc.errors import ServerError
from ls_dvc.execution.background import BackgroundTasks
from ls_dvc.labels.canonical import Task
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest, SnapshotFile
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.update.chain import DynamicLabels
from ls_dvc.update.resume import FinishedRanges


@dataclass(frozen=True)
class RangeReader:
    """Reads ranges in the background; `read` adds one more."""

    read: Callable[[ExportSnapshot], None]
    folder: Path
    written: Future[Manifest]

    def failed(self) -> bool:
        """Whether it has given up; only meaningful before the block ends."""
        return self.written.done()

    def result(self) -> SnapshotFolder:
        """The folder of all ranges, once it is written; or the error that stopped it."""
        return SnapshotFolder(snapshot_folder.FolderOnDisk(self.folder), self.written.result())


@contextmanager
def reading(
    finished: FinishedRanges, folder: Path, dynamic_labels: DynamicLabels
) -> Iterator[RangeReader]:
    """A reader into the empty `folder`, until the block ends.

    If the block fails, the reader stops at the next shard. Its result raises `ServerError` if a
    range cannot be downloaded, which is discarded then, and `SnapshotMismatchError` if one does
    not hold the tasks that it should.
    """
    queue, stopped = SimpleQueue[ExportSnapshot | None](), Event()
    files = _files(finished, iter(queue.get, None), dynamic_labels)
    until_stopped = takewhile(lambda _: not stopped.is_set(), files)
    with BackgroundTasks() as background:
        written = background.start(lambda: snapshot_folder.write(folder, until_stopped))
        try:
            yield RangeReader(queue.put, folder, written)
        except BaseException:
            stopped.set()
            raise
        finally:
            queue.put(None)


def _files(
    finished: FinishedRanges, queue: Iterable[ExportSnapshot], dynamic_labels: DynamicLabels
) -> Iterator[SnapshotFile]:
    """The shards of ranges as these come; a range holds whole shards, and one is in memory."""
    for snapshot in queue:
        yield from replay.files(dynamic_labels.collecting(_tasks(finished, snapshot)))


def _tasks(finished: FinishedRanges, snapshot: ExportSnapshot) -> Iterator[Task]:
    try:
        path = fetch_snapshot(finished.server, snapshot, finished.cache)
    except ServerError:
        finished.discard([snapshot])
        raise
    return replay.tasks([snapshot], lambda _: path)
