"""Histograms with few round bins that are the same in every version, so that versions compare."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

_HALF_OCTAVE = math.sqrt(0.5)  # where the mantissas of the second half of an octave begin


class Bin(NamedTuple):
    """How many values are in [start, end); what to call it."""

    name: str
    size: int


@dataclass
class Histogram:
    """Values in bins that are `per_octave` to each doubling; 0 and less have a bin of their own.

    The first of these bins ends, and the last one begins, at a power of two: 2 to `lowest + 1` and
    2 to `highest`. Which bin a value is in does not depend on the machine: no logarithm is taken.
    """

    unit: str = ""
    per_octave: Literal[1, 2] = 1
    lowest: int = -5
    highest: int = 20
    counts: Counter[int] = field(default_factory=Counter)
    total: int = 0
    none: int = 0

    def add(self, value: float) -> None:
        """Count a value."""
        self.add_all((value,))

    def add_all(self, values: Sequence[float]) -> None:
        """Count values."""
        counted = [value for value in values if 0 < value <= sys.float_info.max]
        self.total += len(values)
        self.none += len(values) - len(counted)
        if self.per_octave == 1:
            self.counts.update([exponent - 1 for _, exponent in map(math.frexp, counted)])
        else:
            self.counts.update(
                [
                    2 * exponent - 2 + (mantissa >= _HALF_OCTAVE)
                    for mantissa, exponent in map(math.frexp, counted)
                ]
            )

    def merge(self, other: Histogram) -> None:
        """Count the values of another one with the same bins."""
        self.counts.update(other.counts)
        self.total += other.total
        self.none += other.none

    def bins(self, width: int = 0) -> list[Bin]:
        """All bins from the first to the last that has a value.

        With blanks in front of numbers of less than `width` digits, names sort as their numbers.
        """
        zero = [Bin(_aligned("0", width), self.none)] if self.none else []
        if not self.counts:
            return zero
        first, last = self.lowest * self.per_octave, self.highest * self.per_octave
        sizes = Counter[int]()
        for step, size in self.counts.items():
            sizes[min(max(step, first), last)] += size
        steps = range(min(sizes), max(sizes) + 1)
        return zero + [Bin(self._name(step, width), sizes[step]) for step in steps]

    def _name(self, step: int, width: int) -> str:
        start, end = (_number(2 ** (each / self.per_octave)) for each in (step, step + 1))
        if step == self.lowest * self.per_octave:
            start = "0"
        reach = "or more" if step == self.highest * self.per_octave else f"to {end}"
        return f"{_aligned(start, width)} {reach}{self.unit and f' {self.unit}'}"


def _number(value: float) -> str:
    """Three digits, or all of a whole number."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _aligned(number: str, width: int) -> str:
    whole = number.partition(".")[0]
    return " " * (width - len(whole)) + number


@dataclass
class Numbers:
    """Whole numbers, each a bin; those from `last` on are one."""

    last: int = 20
    counts: Counter[int] = field(default_factory=Counter)

    def add(self, value: int) -> None:
        """Count a number."""
        self.add_all((value,))

    def add_all(self, values: Iterable[int]) -> None:
        """Count numbers."""
        for value, size in Counter(values).items():
            self.counts[min(value, self.last)] += size

    def merge(self, other: Numbers) -> None:
        """Count the numbers of another one with the same last bin."""
        self.counts.update(other.counts)

    def bins(self, width: int = 0) -> list[Bin]:
        """All numbers up to the largest, with names that sort as the numbers if they have `width`.

        Empty where there are no numbers.
        """
        if not self.counts:
            return []
        names = {self.last: f"{self.last} or more"}
        return [
            Bin(_aligned(names.get(n, str(n)), width), self.counts[n])
            for n in range(max(self.counts) + 1)
        ]
