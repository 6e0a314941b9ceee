"""Work in threads: results as they come, the first error last, and no thread that stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from threading import Event

import pytest

from ls_dvc.execution.threads import unordered


def test_all_results_come() -> None:
    for jobs in (1, 4):
        found = list(unordered(lambda number: number * 2, range(1, 100), jobs, Event()))
        assert sorted(found) == [number * 2 for number in range(1, 100)]


def test_few_results_wait() -> None:
    begun: list[int] = []
    results = unordered(lambda number: begun.append(number) or number, range(1000), 3, Event())
    next(results)
    time.sleep(0.1)
    assert len(begun) < 10
    results.close()


def test_an_error_comes_after_what_was_done() -> None:
    def work(number: int) -> int:
        if number == 5:
            raise KeyError(number)
        return number

    stopped, found = Event(), []
    with pytest.raises(KeyError):
        found.extend(unordered(work, range(1, 100), 1, stopped))
    assert found == [1, 2, 3, 4]
    assert stopped.is_set()


def test_what_runs_during_an_error_is_kept() -> None:
    def work(number: int) -> int:
        if number == 1:
            raise KeyError(number)
        stopped.wait(5)
        return number

    stopped, found = Event(), []
    with pytest.raises(KeyError):
        found.extend(unordered(work, [2, 1, 3, 4, 5], 2, stopped))
    assert found == [2]


def test_an_error_of_the_items() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        list(unordered(lambda number: number, items(), 2, Event()))


def test_no_thread_stays() -> None:
    before, stopped = threading.active_count(), Event()
    results = unordered(lambda number: stopped.wait(1) or number, range(1, 100), 4, Event())
    threading.Timer(0.05, stopped.set).start()
    next(results)
    results.close()
    time.sleep(0.05)
    assert threading.active_count() <= before
