"""What a child prints, handed on line by line."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

_SECONDS = 5.0  # for what is still to be read when the child has ended


@contextmanager
def relayed(write: Callable[[str], object]) -> Iterator[IO[str]]:
    """A stream for a child's output; `write` gets each line of it, in a thread, without its end.

    Of a line that is drawn again and again, each state is a line. What a process that outlives the
    child prints after the block may be lost.
    """
    reading, writing = os.pipe()
    lines = os.fdopen(reading, encoding="utf-8", errors="replace")
    thread = threading.Thread(target=_relay, args=(lines, write), daemon=True)
    thread.start()
    try:
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            yield stream
    finally:
        thread.join(_SECONDS)


def _relay(lines: IO[str], write: Callable[[str], object]) -> None:
    with lines:
        for line in lines:
            write(line.removesuffix("\n"))
