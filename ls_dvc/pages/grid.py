"""Grids of counts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

CELLS = 24  # of a grid, in each direction


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
