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

from ls_dvc.snapshot import replay
from ls_dvc.snapshot import folder as shards
from ls_dvc.labels.canonical import Task
from ls_dvc.errors import ServerError
from ls_dvc.pin.lockfile import Snapshot
from ls_dvc.server.interface import fetch
from ls_dvc.snapshot.folder import (File, Folder, Manifest)
from ls_dvc.execution.background import Beside
from ls_dvc.update.chain import DynamicLabels
from ls_dvc.update.resume import Landed


@dataclass(frozen=True)
class Reading:
    """The reader of ranges; `read` hands it one more."""

    read: Callable[[Snapshot], None]
    folder: Path
    written: Future[Manifest]

    def failed(self) -> bool:
        """Whether it has given up; to be asked before the last range is handed over."""
        return self.written.done()

    def result(self) -> Folder:
        """What it made of all ranges, once it is done; or the error that it met."""
        return Folder(shards.Disk(self.folder), self.written.result())


@contextmanager
def reading(found: Landed, folder: Path, noted: DynamicLabels) -> Iterator[Reading]:
    """Reads into the empty `folder` all that is handed over before the block ends.

    When the block fails, the reader stops at the next shard. `ServerError` from its result when a
    range cannot be downloaded, which is dropped then; of these, `ContentError` when it does not
    hold what it should.
    """
    coming, stopped = SimpleQueue[Snapshot | None](), Event()
    files = _files(found, iter(coming.get, None), noted)
    wanted = takewhile(lambda _: not stopped.is_set(), files)
    with Beside() as beside:
        written = beside.begin(lambda: shards.write(folder, wanted))
        try:
            yield Reading(coming.put, folder, written)
        except BaseException:
            stopped.set()
            raise
        finally:
            coming.put(None)


def _files(found: Landed, coming: Iterable[Snapshot], noted: DynamicLabels) -> Iterator[File]:
    """The shards of ranges as these come; each range holds whole shards, and one is open."""
    for each in coming:
        yield from replay.files(noted.noted(_tasks(found, each)))


def _tasks(found: Landed, snapshot: Snapshot) -> Iterator[Task]:
    try:
        path = fetch(found.server, snapshot, found.cache)
    except ServerError:
        found.drop([snapshot])
        raise
    return replay.tasks([snapshot], lambda _: path)
