"""The index of a version, made in the background, shard by shard."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from ls_dvc.browse.shown_version import ShownVersion
from ls_dvc.browse.task_index import IndexEntry, TaskIndex, index_entry
from ls_dvc.errors import LsDvcError


def in_a_sentence(error: LsDvcError) -> str:
    """What happened, and what to do."""
    return f"{error}; {error.hint}" if error.hint else str(error)


class Indexing:
    """Fills `index`; `is_done` when all tasks are in it, or `problem` says why they are not."""

    def __init__(self, version: ShownVersion) -> None:
        self.index = TaskIndex()
        self.is_done = False
        self.problem = ""
        self._version = version
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the shard that is being read."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            for shard in self._version.folder.manifest.shards:
                if self._stopped.is_set():
                    return
                self.index.add(self._entries(shard))
        except LsDvcError as error:
            self.problem = f"not every task can be searched: {in_a_sentence(error)}"
        except Exception as error:  # noqa: BLE001  (shown on the page: a thread has no other way)
            self.problem = f"not every task can be searched: {type(error).__name__}: {error}"
        self.is_done = True

    def _entries(self, shard: str) -> Iterator[IndexEntry]:
        version = self._version
        for task in version.folder.tasks_in(shard):
            reasons = version.reasons.get(task["id"], ())
            yield index_entry(task, version.config, version.policy, reasons)
