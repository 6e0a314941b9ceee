"""Krippendorff's alpha: how far answers differ less than by chance.

Krippendorff, Content Analysis (2019), chapter 12; sets by Passonneau's MASI distance (2006), which
is that of names where only one is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import accumulate, combinations
from typing import Any

from ls_dvc.check.agreement.answers import ORDERED, SETS

Answer = Any
"""A tuple of the names that were chosen, or a number."""

Distance = Callable[[Answer, Answer], Fraction]

MOST_ANSWERS = 600  # that differ; of more, an even sample of tasks says what chance gives


def differences(units: Sequence[Sequence[Answer]], measure: str) -> tuple[list[Fraction], Fraction]:
    """Of each unit how far its answers differ, times their number; and how far answers would by
    chance, for one.

    `units` have two answers or more.
    """
    counts = Counter(answer for unit in units for answer in unit)
    distance = cache(_distance(measure, counts))
    return [_within(unit, distance) for unit in units], _by_chance(units, counts, distance)


def _within(unit: Sequence[Answer], distance: Distance) -> Fraction:
    if all(answer == unit[0] for answer in unit):
        return Fraction(0)
    total = sum((distance(one, other) for one, other in combinations(unit, 2)), Fraction(0))
    return 2 * total / (len(unit) - 1)


def _by_chance(
    units: Sequence[Sequence[Answer]], counts: Mapping[Answer, int], distance: Distance
) -> Fraction:
    """The mean distance of any two answers of different units or the same one."""
    if len(counts) > MOST_ANSWERS:
        step = -(-sum(counts.values()) // MOST_ANSWERS)
        counts = Counter(answer for unit in units[::step] for answer in unit)
    number = sum(counts.values())
    by_denominator = Counter[int]()
    for one, other in combinations(sorted(counts), 2):
        apart = distance(one, other)
        by_denominator[apart.denominator] += counts[one] * counts[other] * apart.numerator
    total = sum((Fraction(part, whole) for whole, part in by_denominator.items()), Fraction(0))
    return 2 * total / (number * (number - 1))


def _distance(measure: str, counts: Mapping[Answer, int]) -> Distance:
    if measure == SETS:
        return _masi
    if measure != ORDERED:
        return _squared
    ordered = sorted(counts)
    below = dict(zip(ordered, accumulate(counts[each] for each in ordered), strict=True))

    def of_ranks(one: Answer, other: Answer) -> Fraction:
        low, high = sorted((one, other))
        between = below[high] - below[low] + counts[low]
        return Fraction(2 * between - counts[low] - counts[high], 2) ** 2

    return of_ranks


def _masi(one: tuple[str, ...], other: tuple[str, ...]) -> Fraction:
    """1 less the Jaccard index, of which a third or two thirds count where sets differ."""
    first, second = frozenset(one), frozenset(other)
    shared, whole = len(first & second), len(first | second)
    if first == second:
        return Fraction(0)
    thirds = 2 if first < second or second < first else 1
    return 1 - Fraction(shared * thirds, whole * 3)


def _squared(one: float, other: float) -> Fraction:
    return (Fraction(one) - Fraction(other)) ** 2
