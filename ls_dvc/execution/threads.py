"""Work spread over threads, its results in the order in which they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from ls_dvc.execution.background import INTERRUPT_SECONDS

Item = TypeVar("Item")
Result = TypeVar("Result")


def unordered(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int, stopped: Event
) -> Iterator[Result]:
    """The results of `work` on each item (none is None), by `jobs` threads, as they come.

    After the first error no more items are begun, `stopped` is set, results that still come are
    yielded, and then the error is raised. An interruption sets `stopped` too, and waits for
    `INTERRUPT_SECONDS` at most. Few results are kept while nobody takes them.
    """
    pool = _Pool(work, iter(items), stopped, Queue(maxsize=jobs))
    threads = [Thread(target=pool.run, daemon=True) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    try:
        working = jobs
        while working:
            result = pool.results.get()
            if result is None:
                working -= 1
            else:
                yield result[0]
    finally:
        stopped.set()
        pool.let_go(threads)
    if pool.errors:
        raise pool.errors[0]


class _Pool(Generic[Item, Result]):
    def __init__(
        self,
        work: Callable[[Item], Result],
        items: Iterator[Item],
        stopped: Event,
        results: Queue[tuple[Result] | None],
    ) -> None:
        self.results = results
        self.errors: list[BaseException] = []
        self._work = work
        self._items = items
        self._stopped = stopped
        self._lock = Lock()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                with self._lock:
                    item = next(self._items, None)
                if item is None:
                    break
                self.results.put((self._work(item),))
        except BaseException as error:  # noqa: BLE001  (raised where the results are taken)
            self.errors.append(error)
            self._stopped.set()
        self.results.put(None)

    def let_go(self, threads: list[Thread]) -> None:
        """Wait for the threads, whose results nobody takes any more."""
        deadline = time.monotonic() + INTERRUPT_SECONDS
        while any(each.is_alive() for each in threads) and time.monotonic() < deadline:
            with suppress(Empty):
                self.results.get(timeout=0.02)
