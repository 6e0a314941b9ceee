"""Task ids as labels.lock holds them: numbers, and texts such as `7-9` for three or more in a row.

A delta that removes 10,000 tasks names a range or two, instead of filling the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ls_dvc.io.strict_values import count, sequence

MOST = 10_000_000  # ids of one list: what a short text claims must not fill the memory
_RANGE = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")
_FEWEST = 3  # ids in a row that are shorter as a range


def folded(ids: Iterable[int]) -> list[int | str]:
    """The ids in their order; those that follow each other as ranges."""
    found: list[int | str] = []
    for run in _runs(ids):
        found += [f"{run[0]}-{run[-1]}"] if len(run) >= _FEWEST else run
    return found


def _runs(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    run: list[int] = []
    for each in ids:
        if run and each != run[-1] + 1:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def unfolded(values: Any) -> tuple[int, ...]:
    """The ids; `ValueError` for anything else than ids and ranges."""
    ids: list[int] = []
    for value in sequence(values):
        ids += _range(value) if isinstance(value, str) else [count(value)]
        if len(ids) > MOST:
            raise ValueError(f"more than {MOST:,} ids in one list")
    return tuple(ids)


def _range(value: str) -> range:
    match = _RANGE.fullmatch(value)
    first, last = map(int, match.groups()) if match else (0, 0)
    if not first < last <= first + MOST:
        raise ValueError(f"{value!r:.200} is not a range of ids")
    return range(first, last + 1)
