"""Hashes of 64 bits that differ in few of them, found without comparing each with each.

Of two that differ in four bits at most, one of five parts is equal. So only those are compared that
have an equal part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

DISTANCE = 4  # bits
MOST = 300  # hashes with an equal part that one is compared with: the first ones

_WIDTH = 13  # bits of a part; the last of the five has 12
_PART = (1 << _WIDTH) - 1


def first_near(hashes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The position of each hash that is near an earlier one, and that of the first of these."""
    buckets = defaultdict[tuple[int, int], list[tuple[int, int]]](list)
    seen = set[int]()
    for position, each in enumerate(hashes):
        places = [buckets[part, each >> part * _WIDTH & _PART] for part in range(DISTANCE + 1)]
        near = [first for place in places for first in _first_in(place, each)]
        if near:
            yield position, min(near)
        for place in places if each not in seen else ():
            if len(place) < MOST:
                place.append((position, each))
        seen.add(each)


def _first_in(place: Iterable[tuple[int, int]], wanted: int) -> Iterator[int]:
    for position, each in place:
        if (each ^ wanted).bit_count() <= DISTANCE:
            yield position
            return
