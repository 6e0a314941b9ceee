"""Ranges downloaded, checked and put in order, while the server works on the next ones."""

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
    """The reader of ranges; `read` hands it one more."""

    read: Callable[[ExportSnapshot], None]
    folder: Path
    written: Future[Manifest]

    def failed(self) -> bool:
        """Whether it has given up; to be asked before the last range is handed over."""
        return self.written.done()

    def result(self) -> SnapshotFolder:
        """What it made of all ranges, once it is done; or the error that it met."""
        return SnapshotFolder(snapshot_folder.FolderOnDisk(self.folder), self.written.result())


@contextmanager
def reading(found: FinishedRanges, folder: Path, noted: DynamicLabels) -> Iterator[RangeReader]:
    """Reads into the empty `folder` all that is handed over before the block ends.

    When the block fails, the reader stops at the next shard. `ServerError` from its result when a
    range cannot be downloaded, which is dropped then; of these, `ContentError` when it does not
    hold what it should.
    """
    coming, stopped = SimpleQueue[ExportSnapshot | None](), Event()
    files = _files(found, iter(coming.get, None), noted)
    wanted = takewhile(lambda _: not stopped.is_set(), files)
    with BackgroundTasks() as beside:
        written = beside.begin(lambda: snapshot_folder.write(folder, wanted))
        try:
            yield RangeReader(coming.put, folder, written)
        except BaseException:
            stopped.set()
            raise
        finally:
            coming.put(None)


def _files(
    found: FinishedRanges, coming: Iterable[ExportSnapshot], noted: DynamicLabels
) -> Iterator[SnapshotFile]:
    """The shards of ranges as these come; each range holds whole shards, and one is open."""
    for each in coming:
        yield from replay.files(noted.noted(_tasks(found, each)))


def _tasks(found: FinishedRanges, snapshot: ExportSnapshot) -> Iterator[Task]:
    try:
        path = fetch_snapshot(found.server, snapshot, found.cache)
    except ServerError:
        found.drop([snapshot])
        raise
    return replay.tasks([snapshot], lambda _: path)
