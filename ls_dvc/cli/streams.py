"""Standard output and error, on which nothing is written that is not inert.

Our own output is made harmless by `output` and `console`, which know what it is. This holds for
what does not pass there: click's errors, warnings and log lines of libraries, whatever comes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

from ls_dvc.io.printable import printable_lines

_RESET = "\x1b[0m"  # colorama, which DVC loads, writes it to a terminal as the process ends


class InertStream:
    """A text stream that makes each text printable before it writes it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str | bytes) -> int:
        """Write the text without what a terminal or a log obeys, and without keys.

        click writes bytes to any stream, but tries with none of them whether it wants bytes.
        """
        if text == _RESET:
            return len(text)
        if isinstance(text, bytes) and text:
            text = text.decode("utf-8", "replace")
        self._stream.write(printable_lines(cast("str", text)))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of them so."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError("bytes would get past")
        return getattr(self._stream, name)


def guard() -> None:
    """Let everything that writes on standard output or error write inert text."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None:  # as it is when we are started with it closed
            setattr(sys, name, InertStream(stream))


def for_drawing(stream: TextIO) -> TextIO:
    """The stream for rich, whose colours are commands to the terminal; its texts must be inert."""
    return stream._stream if isinstance(stream, InertStream) else stream  # noqa: SLF001


def close_output() -> None:
    """Nobody reads standard output any more: what is still to be written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
