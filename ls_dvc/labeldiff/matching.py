"""Which entry of one list is which of another, and what differs between the two."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

# One encoder for all: `json.dumps` with settings makes one a call, and there are many.
_exact = json.JSONEncoder(sort_keys=True).encode


class ChangeKind(str, Enum):
    """What became of something between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Pair(NamedTuple):
    """The places of one entry before and after; None on the side that has it not."""

    before: int | None
    after: int | None
    equal: bool = False

    @property
    def kind(self) -> ChangeKind:
        """What became of an entry that is not equal."""
        if self.before is None:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.after is None else ChangeKind.CHANGED

    @property
    def place(self) -> int:
        """Where the entry is, or was at last."""
        return (self.after if self.after is not None else self.before) or 0

    def of(self, before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, Any]:
        """The entry on both sides; an empty mapping where it is not."""
        return (
            {} if self.before is None else before[self.before],
            {} if self.after is None else after[self.after],
        )


def pairs(before: Sequence[Any], after: Sequence[Any], name: Callable[[Any], object]) -> list[Pair]:
    """Which entry is which, in the order after; then what is gone.

    Entries belong together when `name` gives the same. Where several share a name, equal ones
    find each other first, then the others in their order.
    """
    if not before or not after:
        return _zipped(range(len(before)), range(len(after)))
    left, right = _places(before, name), _places(after, name)
    found = [
        pair
        for key in {**left, **right}
        for pair in _within(before, after, left.get(key, []), right.get(key, []))
    ]
    return sorted(found, key=lambda pair: (pair.after is None, pair.place))


def is_reordered(found: Sequence[Pair]) -> bool:
    """Whether entries that stayed changed places among themselves."""
    kept = [each.before for each in found if each.before is not None and each.after is not None]
    return any(first > second for first, second in pairwise(kept))


def differs(one: object, other: object) -> bool:
    """Whether two values are different JSON: 1, 1.0 and true are, NaN and NaN are not.

    Most values of two versions are equal, down to the order of keys: `repr` is the short way.
    """
    if repr(one) == repr(other):
        return False
    return one != other or _exact(one) != _exact(other)


def differing_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys whose values differ, or that only one side has; sorted."""
    keys = before.keys() | after.keys()
    changed = (
        each
        for each in keys
        if (each in before) != (each in after) or differs(before[each], after[each])
    )
    return tuple(sorted(changed))


def _places(items: Sequence[Any], name: Callable[[Any], object]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, each in enumerate(items):
        found.setdefault(repr(name(each)), []).append(place)
    return found


def _within(
    before: Sequence[Any], after: Sequence[Any], olds: Sequence[int], news: Sequence[int]
) -> list[Pair]:
    """The pairs among the entries of one name."""
    waiting: dict[str, list[int]] = {}
    for place in olds:
        waiting.setdefault(repr(before[place]), []).append(place)
    equal, others = list[Pair](), list[int]()
    for place in news:
        same = waiting.get(repr(after[place]))
        if same:
            equal.append(Pair(same.pop(0), place, equal=True))
        else:
            others.append(place)
    left = sorted(place for places in waiting.values() for place in places)
    return [*equal, *(_judged(each, before, after) for each in _zipped(left, others))]


def _judged(pair: Pair, before: Sequence[Any], after: Sequence[Any]) -> Pair:
    changed = pair.kind is not ChangeKind.CHANGED or differs(*pair.of(before, after))
    return pair._replace(equal=not changed)


def _zipped(before: Iterable[int], after: Iterable[int]) -> list[Pair]:
    return [Pair(*each) for each in zip_longest(before, after)]
