"""Interrupts that wait until a few steps are done or undone."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Nothing interrupts the block; what it gets raises KeyboardInterrupt if one is waiting.

    One that waits when the block ends is delivered then.
    """
    waiting = list[int]()

    def note(signum: int, frame: object) -> None:  # noqa: ARG001
        waiting.append(signum)

    def look() -> None:
        if waiting:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield look  # signals do not reach this thread
        return
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    caught = {each: how for each, how in before.items() if how not in (signal.SIG_IGN, None)}
    for each in caught:
        signal.signal(each, note)
    try:
        yield look
    finally:
        for each, how in caught.items():
            signal.signal(each, how)
        for number in waiting[:1]:
            signal.raise_signal(number)
