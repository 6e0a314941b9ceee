"""How far a share would be another one with other tasks: a seeded bootstrap in whole numbers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache

RESAMPLES = 400
GROUPS = 200  # more tasks than that are drawn in groups
_TAIL = RESAMPLES // 40  # 2.5 % on either side


def interval(tasks: Sequence[tuple[int, int]]) -> tuple[Fraction, Fraction] | None:
    """The ends of the 95 % interval of a share; None where nothing can be drawn.

    `tasks` are shares of tasks, how much of how much, in the order of the tasks: another order
    gives another interval.
    """
    groups = [tasks[first::GROUPS] for first in range(min(GROUPS, len(tasks)))]
    parts = [sum(part for part, _ in group) for group in groups]
    wholes = [sum(whole for _, whole in group) for group in groups]
    drawn = (
        (sum(map(parts.__getitem__, places)), sum(map(wholes.__getitem__, places)))
        for places in _draws(len(groups))
    )
    found = sorted(Fraction(part, whole) for part, whole in drawn if whole)
    return (found[_TAIL], found[-1 - _TAIL]) if len(found) > 2 * _TAIL else None


@cache
def _draws(number: int) -> Sequence[Iterable[int]]:
    """For each resample, which are drawn. `random()` is the same in every version of Python."""
    dice = random.Random(number)  # noqa: S311
    return [[int(dice.random() * number) for _ in range(number)] for _ in range(RESAMPLES)]
