"""Histograms with few round bins, and grids of counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

CELLS = 24  # of a grid, in each direction


class Bin(NamedTuple):
    """How many values are in [start, end); what to call it."""

    name: str
    size: int


@dataclass
class Histogram:
    """Values in bins that are `per_octave` to each doubling; 0 and less have a bin of their own."""

    unit: str = ""
    per_octave: int = 1
    counts: Counter[int] = field(default_factory=Counter)
    total: int = 0
    none: int = 0

    def add(self, value: float) -> None:
        """Count a value."""
        self.total += 1
        if value > 0 and math.isfinite(value):
            self.counts[math.floor(math.log2(value) * self.per_octave)] += 1
        else:
            self.none += 1

    def bins(self) -> list[Bin]:
        """All bins from the first to the last that has a value."""
        zero = [Bin("0", self.none)] if self.none else []
        if not self.counts:
            return zero
        steps = range(min(self.counts), max(self.counts) + 1)
        return zero + [Bin(self._name(step), self.counts[step]) for step in steps]

    def _name(self, step: int) -> str:
        start, end = (2 ** (each / self.per_octave) for each in (step, step + 1))
        return f"{start:.3g} to {end:.3g}{self.unit and f' {self.unit}'}"


@dataclass
class Numbers:
    """Whole numbers, each a bin; those from `last` on are one."""

    last: int = 20
    counts: Counter[int] = field(default_factory=Counter)

    def add(self, value: int) -> None:
        """Count a number."""
        self.counts[min(value, self.last)] += 1

    def bins(self) -> list[Bin]:
        """All numbers up to the largest."""
        if not self.counts:
            return []
        names = {self.last: f"{self.last} or more"}
        return [Bin(names.get(n, str(n)), self.counts[n]) for n in range(max(self.counts) + 1)]


@dataclass
class Grid:
    """How many points are in each cell of an image, by fractions of its width and height."""

    counts: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, x: float, y: float) -> None:
        """Count a point; one outside of the image is not counted."""
        if 0 <= x <= 1 and 0 <= y <= 1:
            column, row = (min(int(each * CELLS), CELLS - 1) for each in (x, y))
            self.counts[column, row] += 1

    def cells(self) -> list[tuple[int, int, int]]:
        """Column, row, and a level from 1 to 9 of how many points there are."""
        most = max(self.counts.values(), default=1)
        return [
            (x, y, math.ceil(9 * count / most)) for (x, y), count in sorted(self.counts.items())
        ]


def median(values: Iterable[float]) -> float | None:
    """The middle value; None of no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
