"""Class ids that never move: an append-only list of names for each kind of labeled object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Classes:
    """Class names by space; the place of a name in its list is its id, for ever.

    A space is the kind of object that is labeled: `image`, `text`, `audio` … Controls that label
    the same kind of object share it, so a box and a polygon both called Car are one class, and
    one COCO or YOLO data set has one numbering.
    """

    spaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, spaces: Mapping[str, Iterable[str]]) -> Classes:
        """The registry that plain lists describe."""
        return cls({str(space): tuple(map(str, names)) for space, names in spaces.items()})

    def names(self, space: str) -> tuple[str, ...]:
        """The names of a space in the order of their ids, from 0; empty when there is none."""
        return self.spaces.get(space, ())

    def ids(self, space: str) -> Mapping[str, int]:
        """The id of each name of a space."""
        return self._ids.get(space, {})

    @cached_property
    def _ids(self) -> Mapping[str, Mapping[str, int]]:
        return {
            space: {name: number for number, name in enumerate(names)}
            for space, names in self.spaces.items()
        }

    def extended(self, found: Mapping[str, Iterable[str]]) -> Classes:
        """With the names in `found` that are new put behind the old ones, in the given order.

        Names are never taken out: a label that left the config keeps its id.
        """
        merged = {space: dict.fromkeys(names) for space, names in self.spaces.items()}
        for space, names in found.items():
            merged.setdefault(space, {}).update(dict.fromkeys(names))
        return Classes({space: tuple(merged[space]) for space in sorted(merged)})
