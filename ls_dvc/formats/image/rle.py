"""Masks as COCO has them: run lengths, column by column, packed into text.

The lengths tell by turns how many pixels lie outside and inside, from the top left corner down and
then to the right. Each is written as its difference from the last but one, five bits to a
character, the lowest first; a sixth bit says that more follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ls_dvc.labels.geometry import Box

_ONE = bytes((0, *[1] * 255))  # any opacity counts


class RunLengths(NamedTuple):
    """A mask: COCO's `counts`, the number of pixels inside, the upright xywh around them."""

    counts: str
    area: float
    around: Box


def of(alpha: bytes, width: int, height: int) -> RunLengths | None:
    """The mask of what is not 0 in `alpha`, row by row; None when all of it is."""
    rows = alpha.translate(_ONE)
    columns = b"".join([rows[x::width] for x in range(width)])
    if 1 not in rows:
        return None
    left, right = columns.index(1) // height, columns.rindex(1) // height
    top, bottom = rows.index(1) // width, rows.rindex(1) // width
    around = Box(float(left), float(top), right - left + 1.0, bottom - top + 1.0)
    return RunLengths(_packed(_lengths(columns)), float(rows.count(1)), around)


def _lengths(pixels: bytes) -> Iterator[int]:
    """Of runs of 0 and of 1 by turns; the first may be empty."""
    start, value = 0, 0
    while start < len(pixels):
        end = pixels.find(1 - value, start)
        end = len(pixels) if end < 0 else end
        yield end - start
        start, value = end, 1 - value


def _packed(lengths: Iterable[int]) -> str:
    written, packed = list[int](), bytearray()
    for place, length in enumerate(lengths):
        written.append(length)
        packed.extend(_characters(length - (written[place - 2] if place > 2 else 0)))
    return packed.decode()


def _characters(number: int) -> Iterator[int]:
    """Five bits at a time until the rest is the sign, which the last of the bits tells too."""
    more = True
    while more:
        bits, number = number & 31, number >> 5
        more = number != (-1 if bits & 16 else 0)
        yield bits + (32 if more else 0) + ord("0")
