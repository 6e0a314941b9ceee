"""The regions of a task in two versions: which correspond, and what differs between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ls_dvc.labeldiff import matching, region_changes
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.regions import ANSWERS

Side = Literal["both", "before", "after"]
Kind = Literal["added", "removed", "relabeled", "moved", "resized", "reshaped", "edited", "answer"]


@dataclass(frozen=True)
class RegionPair:
    """A region before and after, None on a side that has it not. `change` is None if it is equal.

    `annotator` is the user id of the annotation, as text.
    """

    before: Region | None
    after: Region | None
    annotator: str
    change: RegionChange | None

    @property
    def known(self) -> Region:
        """The region after; before, if it was removed."""
        return self.after if self.after is not None else self.before

    @property
    def versions(self) -> list[tuple[Side, Region]]:
        """The region on each side that has it; on both at once if it is equal."""
        if self.change is None:
            return [("both", self.known)]
        sides: list[tuple[Side, Region | None]] = [("before", self.before), ("after", self.after)]
        return [(side, region) for side, region in sides if region is not None]

    @property
    def type(self) -> str:
        """The type of the region, such as `rectanglelabels`; empty when it has none."""
        kind = self.known.get("type") if isinstance(self.known, Mapping) else None
        return kind if isinstance(kind, str) else ""

    @property
    def is_answer(self) -> bool:
        """Whether it is no region, but an answer about one or about the whole task."""
        return self.type in ANSWERS

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """What happened to it, in the words that pages filter by."""
        if self.change is None:
            return ()
        if self.is_answer:
            return ("answer",)
        if self.change.kind is ChangeKind.ADDED:
            return ("added",)
        if self.change.kind is ChangeKind.REMOVED:
            return ("removed",)
        kinds: list[Kind] = ["relabeled"] if self.change.relabeled else []
        kinds += [self.change.movement] if self.change.movement else []
        kinds += ["edited"] if self.change.changed else []
        return tuple(kinds)

    @property
    def weight(self) -> float:
        """How much differs: 1 for a region, less for one that moved a little."""
        if self.change is None:
            return 0.0
        return self.change.weight


def region_pairs(old: Task | None, new: Task | None) -> Iterator[RegionPair]:
    """The regions of all annotations that differ, in their order; of equal annotations none."""
    before, after = ((task or {}).get("annotations", []) for task in (old, new))
    for pair in matching.pairs(before, after, lambda annotation: annotation.get("id")):
        if not pair.equal:
            yield from _of_annotations(*pair.of(before, after))


def _of_annotations(old: Annotation, new: Annotation) -> Iterator[RegionPair]:
    author = (new or old).get("completed_by")
    before, after = old.get("result", []), new.get("result", [])
    for pair in matching.pairs(before, after, region_changes.identity):
        one, other = pair.of(before, after)
        yield RegionPair(
            before=None if pair.before is None else one,
            after=None if pair.after is None else other,
            annotator="" if author is None else str(author),
            change=None if pair.equal else region_changes.change(pair, one, other),
        )
