"""The items of a JSON array with their positions in the file, one item in memory at a time.

The file is decoded as Latin-1: the structure of JSON is ASCII, and no other character has such a
byte in its UTF-8. So each character is one byte, and none is split where a chunk ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

CHUNK = 1 << 20  # bytes
MOST = 100_000_000  # bytes of an item

_MARGIN = 32  # bytes; no number's end, literal or escape that a cut could change is longer
_SOLID = re.compile(r"[^ \t\n\r]")
_decode = json.JSONDecoder().raw_decode


class Item(NamedTuple):
    """The item in the bytes from `first` to before `end`; texts in `value` are Latin-1."""

    first: int
    end: int
    value: Any


def items(file: BinaryIO, chunk: int = CHUNK, most: int = MOST) -> Iterator[Item]:
    """The items of the array in a UTF-8 file.

    `ValueError`, after the items before the error, says what is wrong at which byte.
    """
    window = _Window(file, chunk, most)
    window.take("[")
    if window.peek() != "]":
        yield window.item()
        while window.peek() == ",":
            window.take(",")
            yield window.item()
    window.take("]")
    if window.peek():
        raise window.error("Extra data")


@dataclass
class _Window:
    """The part of a file in memory: `text` begins at byte `start`; `at` is the next character."""

    file: BinaryIO
    chunk: int
    most: int = MOST
    text: str = ""
    start: int = 0
    at: int = 0

    def peek(self) -> str:
        """The next character that is no white space; empty at the end of the file."""
        while (found := _SOLID.search(self.text, self.at)) is None:
            self.at = len(self.text)
            if not self._grow():
                return ""
        self.at = found.start()
        return found.group()

    def take(self, expected: str) -> None:
        """Skip the next character that is no white space; `ValueError` unless it is `expected`."""
        if self.peek() != expected:
            raise self.error(f"Expecting {expected!r}")
        self.at += 1

    def item(self) -> Item:
        """Read the next item; one that ends at the end of the window may be cut, and is reread."""
        self.peek()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except RecursionError:
                raise self.error("Nested too deep") from None
            except json.JSONDecodeError as error:
                if not self._is_cut(error) or not self._grow():
                    raise self.error(error.msg, error.pos) from None
                continue
            if end < len(self.text) - _MARGIN or not self._grow():
                break
        first, self.at = self.at, end
        return Item(self.start + first, self.start + end, value)

    def error(self, what: str, at: int | None = None) -> ValueError:
        """The error with its position in the file; `at` counts from the beginning of `text`."""
        return ValueError(f"{what} at byte {self.start + (self.at if at is None else at)}")

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether reading more of the file could help."""
        near_the_end = error.pos >= len(self.text) - _MARGIN
        return near_the_end or error.msg.startswith("Unterminated string")

    def _grow(self) -> bool:
        """Read at least as much as is left in the window; False at the end of the file.

        `ValueError` for an item that is too large: as Python's objects it takes ten times as much.
        """
        if len(self.text) - self.at > self.most:
            raise self.error(f"An item of more than {self.most:,} bytes")
        more = self.file.read(max(self.chunk, len(self.text) - self.at))
        if more:
            self.text = self.text[self.at :] + more.decode("latin-1")
            self.start, self.at = self.start + self.at, 0
        return bool(more)
