"""Work spread over processes, its results in the order of the work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2  # items submitted for each process, so that none waits and memory stays bounded


def ordered(work: Callable[[Item], Result], items: Iterable[Item], jobs: int) -> Iterator[Result]:
    """The results of `work` on each item, in order; by `jobs` processes if more than one.

    `work` is sent to each process once, so it may be large; items and results go to and fro.
    """
    if jobs == 1:
        yield from map(work, items)
        return
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield from _by_processes(work, items, jobs)
    except BrokenProcessPool as error:
        raise LsDvcError(
            f"one of {jobs} processes was killed", "if memory ran out, ask for fewer"
        ) from error


def _by_processes(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, initializer=_take, initargs=(work,)) as pool:
        waiting = iter(items)
        running: deque[Future[Result]] = deque(
            pool.submit(_do, item) for item in islice(waiting, AHEAD * jobs)
        )
        while running:
            done = running.popleft().result()
            running.extend(pool.submit(_do, item) for item in islice(waiting, 1))
            yield done


_taken: list[Callable[[Any], Any]] = []  # in a process of the pool: its work


def _take(work: Callable[[Any], Any]) -> None:
    _taken[:] = [work]
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Else the workers of a killed process wait for more work, each for the others, for ever."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(item: Any) -> Any:
    return _taken[0](item)
