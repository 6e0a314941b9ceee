"""`<Repeater>`: tags that the editor repeats for every item of a list in the task's data.

    <Repeater on="$pages" indexFlag="{{idx}}">
      <Image name="page_{{idx}}" value="$pages[{{idx}}].image"/>

The editor replaces the first flag in each attribute of everything below; in a tag that stands
directly in a Repeater it does so once more. In a Repeater nested in another with the same flag, the
second flag is thus the inner index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.value_expression import ValueExpression

MOST = 100_000  # repetitions in one task
FLAG = "{{idx}}"  # where a Repeater has no indexFlag
_MARK = "\ue000{}\ue001"  # stands for the index of a level in a name
_INDEX = "0|[1-9][0-9]{0,8}"

Indices = tuple[int, ...]
Replacement = tuple[str, int]
"""A flag whose first occurrence is replaced, and by the index of which level (outermost: 0)."""


@dataclass(frozen=True)
class RepeatedList:
    """The list that one Repeater goes over: its expression, and what is replaced in that."""

    on: str
    flag: str
    replacements: tuple[Replacement, ...]

    def expression(self, indices: Sequence[object]) -> str:
        """The expression with the indices of the outer levels."""
        return filled(self.on, self.replacements, indices)


@dataclass(frozen=True)
class Repetition:
    """The Repeaters around a tag, outermost first; false where there is none.

    `replacements` is what the editor replaces in each attribute of the tag, in this order.
    """

    lists: tuple[RepeatedList, ...] = ()
    replacements: tuple[Replacement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lists)

    def inside(self, on: str, flag: str) -> Repetition:
        """For the tags directly in a Repeater that is itself repeated so, with these attributes."""
        level, deep = len(self.lists), self._deep()
        again = {**dict(self.replacements[len(deep) :]), flag: level}
        lists = (*self.lists, RepeatedList(on, flag, self.replacements))
        return Repetition(lists, (*deep, (flag, level), *again.items()))

    def below(self) -> Repetition:
        """For the tags in another tag that is repeated so."""
        return Repetition(self.lists, self._deep())

    def _deep(self) -> tuple[Replacement, ...]:
        """What is replaced in all tags below: once for each level."""
        return tuple((each.flag, level) for level, each in enumerate(self.lists))

    def fill(self, text: str, indices: Sequence[object]) -> str:
        """An attribute of the tag, for one item of each list."""
        return filled(text, self.replacements, indices)

    def has_flag(self, text: str) -> bool:
        """Whether an attribute differs from item to item."""
        return any(flag and flag in text for flag, _ in self.replacements)

    def instances(self, data: Any) -> Iterator[Indices]:
        """The indices of every repetition in a task with this data, in the editor's order.

        `LsDvcError` when there are more than `MOST`: lists in lists multiply.
        """
        for count, indices in enumerate(self._instances(data, ())):
            if count == MOST:
                on = self.lists[0].on
                raise LsDvcError(
                    f"the <Repeater on={on!r}> of the label config makes more than {MOST:,} "
                    "objects of one task",
                    "see the lists in the data of the tasks",
                )
            yield indices

    def _instances(self, data: Any, outer: Indices) -> Iterator[Indices]:
        if len(outer) == len(self.lists):
            yield outer
            return
        items = ValueExpression(self.lists[len(outer)].expression(outer)).resolve(data)
        for index in range(len(items)) if isinstance(items, list) else ():
            yield from self._instances(data, (*outer, index))

    def missing_list(self, data: Any) -> str:
        """The expression of an outermost list that the data has not; empty if it has it."""
        on = self.lists[0].expression(()) if self.lists else ""
        return on if on and not isinstance(ValueExpression(on).resolve(data), list) else ""


NOT_REPEATED = Repetition()


@dataclass(frozen=True)
class RepeatedName:
    """A name with flags, and the names that the editor makes of it."""

    name: str
    repetition: Repetition

    def indices(self, name: str) -> tuple[int | str, ...] | None:
        """The indices in `name`, None when it is not made of this one.

        An index that is not in the name is the flag itself.
        """
        found = self._pattern.fullmatch(name)
        if found is None:
            return None
        levels = {key: int(value) for key, value in found.groupdict().items()}
        return tuple(
            levels.get(f"level{level}", each.flag)
            for level, each in enumerate(self.repetition.lists)
        )

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        levels = range(len(self.repetition.lists))
        pattern = re.escape(self.repetition.fill(self.name, [_MARK.format(n) for n in levels]))
        for level in levels:
            mark = re.escape(_MARK.format(level))
            pattern = pattern.replace(mark, f"(?P<level{level}>{_INDEX})", 1)
            pattern = pattern.replace(mark, f"(?P=level{level})")
        return re.compile(pattern)


def filled(text: str, replacements: Sequence[Replacement], indices: Sequence[object]) -> str:
    """`text` with the first occurrence of each flag in turn replaced by the index of its level."""
    for flag, level in replacements:
        if flag:
            text = text.replace(flag, str(indices[level]), 1)
    return text
