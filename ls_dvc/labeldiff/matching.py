"""Which entry of one list corresponds to which entry of another, and what differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

# One encoder for all calls: `json.dumps` with settings creates one for each call.
_exact = json.JSONEncoder(sort_keys=True).encode


class ChangeKind(str, Enum):
    """What happened to something between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Pair(NamedTuple):
    """The indices of one entry before and after; None on a side that does not have it."""

    before: int | None
    after: int | None
    equal: bool = False

    @property
    def kind(self) -> ChangeKind:
        """What happened to an entry that is not equal."""
        if self.before is None:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.after is None else ChangeKind.CHANGED

    @property
    def position(self) -> int:
        """The index of the entry after; before, if it was removed."""
        return (self.after if self.after is not None else self.before) or 0

    def of(self, before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, Any]:
        """The entry on both sides; an empty mapping on a side that does not have it."""
        return (
            {} if self.before is None else before[self.before],
            {} if self.after is None else after[self.after],
        )


def pairs(before: Sequence[Any], after: Sequence[Any], name: Callable[[Any], object]) -> list[Pair]:
    """The pairs of corresponding entries, in the order after; then the removed ones.

    Entries correspond when `name` returns the same. Of several with one name, equal ones are
    paired first, then the others in their order.
    """
    if not before or not after:
        return _zipped(range(len(before)), range(len(after)))
    left, right = _indices(before, name), _indices(after, name)
    matched = [
        pair
        for key in {**left, **right}
        for pair in _within(before, after, left.get(key, []), right.get(key, []))
    ]
    return sorted(matched, key=lambda pair: (pair.after is None, pair.position))


def is_reordered(pairs: Sequence[Pair]) -> bool:
    """Whether the entries that are on both sides have another order."""
    old_order = [p.before for p in pairs if p.before is not None and p.after is not None]
    return any(first > second for first, second in pairwise(old_order))


def differs(one: object, other: object) -> bool:
    """Whether two values are different JSON: 1, 1.0 and true are, NaN and NaN are not.

    Most values of two versions are equal, down to the order of keys: `repr` is the fast path.
    """
    if repr(one) == repr(other):
        return False
    return one != other or _exact(one) != _exact(other)


def differing_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys whose values differ, or that only one side has; sorted."""
    keys = before.keys() | after.keys()
    changed = (
        key for key in keys if (key in before) != (key in after) or differs(before[key], after[key])
    )
    return tuple(sorted(changed))


def _indices(items: Sequence[Any], name: Callable[[Any], object]) -> dict[str, list[int]]:
    by_name: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        by_name.setdefault(repr(name(item)), []).append(index)
    return by_name


def _within(
    before: Sequence[Any], after: Sequence[Any], olds: Sequence[int], news: Sequence[int]
) -> list[Pair]:
    """The pairs among the entries of one name."""
    unmatched: dict[str, list[int]] = {}
    for index in olds:
        unmatched.setdefault(repr(before[index]), []).append(index)
    equal, others = list[Pair](), list[int]()
    for index in news:
        same = unmatched.get(repr(after[index]))
        if same:
            equal.append(Pair(same.pop(0), index, equal=True))
        else:
            others.append(index)
    left = sorted(index for indices in unmatched.values() for index in indices)
    return [*equal, *(_compared(pair, before, after) for pair in _zipped(left, others))]


def _compared(pair: Pair, before: Sequence[Any], after: Sequence[Any]) -> Pair:
    changed = pair.kind is not ChangeKind.CHANGED or differs(*pair.of(before, after))
    return pair._replace(equal=not changed)


def _zipped(before: Iterable[int], after: Iterable[int]) -> list[Pair]:
    return [Pair(*indices) for indices in zip_longest(before, after)]
