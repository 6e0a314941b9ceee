"""Work beside a block: begun at once, waited for, its errors kept until somebody asks."""

from __future__ import annotations

import time
from threading import Barrier, Event

import pytest

from ls_dvc.execution.background import BackgroundTasks


def test_all_are_at_work_at_once_and_their_results_are_kept_apart() -> None:
    meeting = Barrier(3, timeout=10)

    def work(number: int) -> int:
        meeting.wait()
        return number

    with BackgroundTasks() as background:
        first, second = background.start(lambda: work(1)), background.start(lambda: work(2))
        meeting.wait()
    assert (first.result(), second.result()) == (1, 2)


@pytest.mark.parametrize("fails", [False, True])
def test_the_block_ends_when_all_has_ended(fails: bool) -> None:
    ended = Event()

    def work() -> None:
        time.sleep(0.1)
        ended.set()

    def block() -> None:
        with BackgroundTasks() as background:
            background.start(work)
            if fails:
                raise ValueError

    if fails:
        with pytest.raises(ValueError, match=r"^$"):
            block()
    else:
        block()
    assert ended.is_set()


def test_an_error_is_for_whoever_takes_the_result() -> None:
    with BackgroundTasks() as background:
        failed = background.start(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failed.result()


def test_an_interrupt_waits_for_nothing() -> None:
    never = Event()

    def block() -> None:
        with BackgroundTasks() as background:
            background.start(lambda: never.wait(20))
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        block()
    assert time.monotonic() - began < 10
    never.set()
