"""What differs between two versions of one task."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.labeldiff import matching, region_changes
from ls_dvc.labeldiff.matching import ChangeKind, Pair, differing_keys
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labels.canonical import Annotation, Task

_BY_KEY = ("data", "meta")  # compared key by key


@dataclass(frozen=True)
class AnnotationChange:
    """The change of one annotation.

    `annotator` is the user id. `fields` are the plain fields that differ, such as
    `ground_truth`. `reordered` says that regions have another order, which decides which of them
    is on top. `skipped` is the state after; before, if the annotation was removed.
    """

    annotation: int | None
    annotator: int | None
    kind: ChangeKind
    fields: tuple[str, ...] = ()
    regions: tuple[RegionChange, ...] = ()
    reordered: bool = False
    skipped: bool = False

    def document(self) -> dict[str, Any]:
        """The JSON of this change."""
        regions = [region.document() for region in self.regions]
        return {
            **vars(self),
            "kind": self.kind.value,
            "fields": [*self.fields],
            "regions": regions,
        }


@dataclass(frozen=True)
class TaskChange:
    """The change of one task. Something differs in each task that was changed.

    `data` and `meta` are the keys of the task's data and meta that differ, `fields` any other
    of its own fields. `media` are the objects that show another file at the same address. All
    these and `predictions_changed` are empty for a task that was added or removed; its annotations
    are listed then too. `name` is what people call it, such as the name of its file.
    """

    task: int
    kind: ChangeKind
    data: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    annotations: tuple[AnnotationChange, ...] = ()
    predictions_changed: bool = False
    media: tuple[str, ...] = ()
    name: str = ""

    @property
    def annotators(self) -> frozenset[str]:
        """Who made the annotations that differ: user ids as text, as in the counts."""
        annotators = (change.annotator for change in self.annotations)
        return frozenset(str(user) for user in annotators if user is not None)

    @property
    def regions_changed(self) -> int:
        """How many regions differ, answers among them."""
        return sum(len(change.regions) for change in self.annotations)

    @property
    def weight(self) -> float:
        """How much differs, in regions; half of one more for a whole task or other data."""
        whole = self.kind is not ChangeKind.CHANGED or bool(self.data or self.media)
        regions = (region.weight for each in self.annotations for region in each.regions)
        return math.fsum(regions) + 0.5 * whole

    def document(self) -> dict[str, Any]:
        """The JSON of this change."""
        names = ("data", "meta", "fields", "media")
        keys = {name: [*getattr(self, name)] for name in names}
        annotations = [annotation.document() for annotation in self.annotations]
        return {**vars(self), "kind": self.kind.value, **keys, "annotations": annotations}


def task_changes(old: Task | None, new: Task | None) -> TaskChange | None:
    """What differs between two canonical tasks, None if nothing does. A missing task is None."""
    if old is None or new is None:
        return _whole(old, ChangeKind.REMOVED) if old else _whole(new, ChangeKind.ADDED)
    differing = differing_keys(old, new)
    keys = {name: _keys(old, new, name) for name in _BY_KEY if name in differing}
    annotations = _annotations(old["annotations"], new["annotations"])
    listed = {"predictions", *(name for name, differing_in in keys.items() if differing_in)}
    listed |= {"annotations"} if annotations else set()
    change = TaskChange(
        task=new["id"],
        kind=ChangeKind.CHANGED,
        fields=tuple(name for name in differing if name not in listed),
        annotations=annotations,
        predictions_changed="predictions" in differing,
        data=keys.get("data", ()),
        meta=keys.get("meta", ()),
    )
    return change if differing else None


def _whole(task: Task | None, kind: ChangeKind) -> TaskChange | None:
    """A task that only one side has."""
    if task is None:
        return None
    sides = ([], task["annotations"]) if kind is ChangeKind.ADDED else (task["annotations"], [])
    return TaskChange(task["id"], kind, annotations=_annotations(*sides))


def _keys(old: Task, new: Task, name: str) -> tuple[str, ...]:
    """The keys that differ in a field; none if one side is not a mapping."""
    before, after = old.get(name, {}), new.get(name, {})
    both = isinstance(before, Mapping) and isinstance(after, Mapping)
    return differing_keys(before, after) if both else ()


def _annotations(
    before: Sequence[Annotation], after: Sequence[Annotation]
) -> tuple[AnnotationChange, ...]:
    pairs = matching.pairs(before, after, lambda annotation: annotation.get("id"))
    return tuple(_annotation(pair, *pair.of(before, after)) for pair in pairs if not pair.equal)


def _annotation(pair: Pair, old: Annotation, new: Annotation) -> AnnotationChange:
    known = new or old
    fields = differing_keys(old, new) if pair.kind is ChangeKind.CHANGED else ()
    regions, reordered = region_changes.compare(old.get("result", []), new.get("result", []))
    return AnnotationChange(
        annotation=known.get("id"),
        annotator=known.get("completed_by"),
        kind=pair.kind,
        fields=tuple(name for name in fields if name != "result"),
        regions=regions,
        reordered=reordered,
        skipped=bool(known.get("was_cancelled")),
    )
