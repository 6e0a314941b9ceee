"""Where the items of a JSON array lie in its file, found with one item in memory at a time.

Bytes are looked at as Latin-1: all that gives JSON its structure is ASCII, and no other character
has such a byte in its UTF-8. So a character is a byte, and none is cut where a chunk ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

CHUNK = 1 << 20  # bytes

_MARGIN = 32  # bytes; no number's end, literal or escape that a cut could change is longer
_SOLID = re.compile(r"[^ \t\n\r]")
_decode = json.JSONDecoder().raw_decode


class Item(NamedTuple):
    """What lies in the bytes from `first` to before `end`; text in `value` is not decoded."""

    first: int
    end: int
    value: Any


def items(file: BinaryIO, chunk: int = CHUNK) -> Iterator[Item]:
    """The items of the array that `file` holds, in UTF-8, from its beginning to its end.

    `ValueError` says what is wrong and at which byte, once everything before it has come.
    """
    window = _Window(file, chunk)
    window.take("[")
    if window.peek() != "]":
        yield window.item()
        while window.peek() == ",":
            window.take(",")
            yield window.item()
    window.take("]")
    if window.peek():
        raise window.wrong("Extra data")


@dataclass
class _Window:
    """The part of a file that is in memory: `text` begins at byte `start`, `at` is read next."""

    file: BinaryIO
    chunk: int
    text: str = ""
    start: int = 0
    at: int = 0

    def peek(self) -> str:
        """The next character that is not blank; empty at the end of the file."""
        while (found := _SOLID.search(self.text, self.at)) is None:
            self.at = len(self.text)
            if not self._grow():
                return ""
        self.at = found.start()
        return found.group()

    def take(self, wanted: str) -> None:
        """Go past the next character that is not blank, which is `wanted`."""
        if self.peek() != wanted:
            raise self.wrong(f"Expecting {wanted!r}")
        self.at += 1

    def item(self) -> Item:
        """Go past the next item. One that ends with the window may be cut: it is read again."""
        self.peek()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not self._is_cut(error) or not self._grow():
                    raise self.wrong(error.msg, error.pos) from None
                continue
            if end < len(self.text) - _MARGIN or not self._grow():
                break
        first, self.at = self.at, end
        return Item(self.start + first, self.start + end, value)

    def wrong(self, what: str, at: int | None = None) -> ValueError:
        """The error that says where in the file it is; `at` counts from where `text` begins."""
        return ValueError(f"{what} at byte {self.start + (self.at if at is None else at)}")

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether more of the file could fix it; if not, there is no need to read it all."""
        near_the_end = error.pos >= len(self.text) - _MARGIN
        return near_the_end or error.msg.startswith("Unterminated string")

    def _grow(self) -> bool:
        """Read on, as much as there is left to read again; False at the end of the file."""
        more = self.file.read(max(self.chunk, len(self.text) - self.at))
        if more:
            self.text = self.text[self.at :] + more.decode("latin-1")
            self.start, self.at = self.start + self.at, 0
        return bool(more)
