"""What differs between two versions of one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.labeldiff import matching, region_changes
from ls_dvc.labeldiff.matching import ChangeKind, Pair, differing_keys
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labels.canonical import Annotation, Task

_BY_KEY = ("data", "meta")  # told key by key


@dataclass(frozen=True)
class AnnotationChange:
    """What became of one annotation.

    `annotator` is the user id, after, or before when it is gone. `fields` are the plain fields
    that differ, such as `ground_truth`. `reordered` says that regions changed places, which
    decides what lies on top. `skipped` is how the annotation is now, or was at last.
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
        regions = [each.document() for each in self.regions]
        return {
            **vars(self),
            "kind": self.kind.value,
            "fields": [*self.fields],
            "regions": regions,
        }


@dataclass(frozen=True)
class TaskChange:
    """What became of one task; at least one fact holds for a task that was changed.

    `data` and `meta` are the keys of the task's data and meta that differ, `fields` any other
    of its own fields. They and `predictions_changed` stay empty when the whole task is new, or
    gone; its annotations are told then as well.
    """

    task: int
    kind: ChangeKind
    data: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    annotations: tuple[AnnotationChange, ...] = ()
    predictions_changed: bool = False

    @property
    def annotators(self) -> frozenset[str]:
        """Who made the annotations that differ; ids as text, as counts have them."""
        known = (each.annotator for each in self.annotations)
        return frozenset(str(each) for each in known if each is not None)

    def document(self) -> dict[str, Any]:
        """The JSON of this change."""
        keys = {"data": [*self.data], "meta": [*self.meta], "fields": [*self.fields]}
        annotations = [each.document() for each in self.annotations]
        return {**vars(self), "kind": self.kind.value, **keys, "annotations": annotations}


def task_changes(old: Task | None, new: Task | None) -> TaskChange | None:
    """What differs between two canonical tasks; None on a side: not there. None: nothing."""
    if old is None or new is None:
        return _whole(old, ChangeKind.REMOVED) if old else _whole(new, ChangeKind.ADDED)
    differing = differing_keys(old, new)
    keys = {name: _keys(old, new, name) for name in _BY_KEY if name in differing}
    annotations = _annotations(old["annotations"], new["annotations"])
    told = {"predictions", *(name for name, some in keys.items() if some)}
    told |= {"annotations"} if annotations else set()
    change = TaskChange(
        task=new["id"],
        kind=ChangeKind.CHANGED,
        fields=tuple(each for each in differing if each not in told),
        annotations=annotations,
        predictions_changed="predictions" in differing,
        **keys,
    )
    return change if differing else None


def _whole(task: Task | None, kind: ChangeKind) -> TaskChange | None:
    """A task that only one side has."""
    if task is None:
        return None
    sides = ([], task["annotations"]) if kind is ChangeKind.ADDED else (task["annotations"], [])
    return TaskChange(task["id"], kind, annotations=_annotations(*sides))


def _keys(old: Task, new: Task, name: str) -> tuple[str, ...]:
    """The keys that differ in a field; none when it is no mapping on one of the sides."""
    before, after = old.get(name, {}), new.get(name, {})
    both = isinstance(before, Mapping) and isinstance(after, Mapping)
    return differing_keys(before, after) if both else ()


def _annotations(
    before: Sequence[Annotation], after: Sequence[Annotation]
) -> tuple[AnnotationChange, ...]:
    pairs = matching.pairs(before, after, lambda each: each.get("id"))
    return tuple(_annotation(each, *each.of(before, after)) for each in pairs if not each.equal)


def _annotation(pair: Pair, old: Annotation, new: Annotation) -> AnnotationChange:
    known = new or old
    fields = differing_keys(old, new) if pair.kind is ChangeKind.CHANGED else ()
    regions, reordered = region_changes.compare(old.get("result", []), new.get("result", []))
    return AnnotationChange(
        annotation=known.get("id"),
        annotator=known.get("completed_by"),
        kind=pair.kind,
        fields=tuple(each for each in fields if each != "result"),
        regions=regions,
        reordered=reordered,
        skipped=bool(known.get("was_cancelled")),
    )
