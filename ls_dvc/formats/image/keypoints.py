"""Key points and the shapes that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ls_dvc.formats.image.shapes import Keypoint, Shape, ShapeReader
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.io import canonical_json
from ls_dvc.labels import geometry
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Point
from ls_dvc.labels.policy import KeypointSettings, Selection


def attach(
    shapes: list[Shape | Reason],
    selection: Selection,
    reader: ShapeReader,
    outcome_of: Callable[[Point], Outcome],
) -> dict[int, int]:
    """Give the shapes their key points; from each key point's index to that of its shape.

    `outcome_of` says why a key point cannot be written, None when it can. That reason, or
    DUPLICATE where its shape has such a key point already, replaces it in `shapes`. Each key
    point has itself among its `keypoints` too, in case it is drawn alone.
    """
    slots = {class_id: slot for slot, class_id in enumerate(reader.keypoint_ids or ())}
    owners = {}
    for index, keypoint, point, owner in _with_owners(shapes, selection):
        own_slots, outcome = [slots[each] for each in keypoint.class_ids], outcome_of(point)
        shapes[index] = outcome or _with_keypoint(keypoint, own_slots, point)
        if outcome is None and owner is not None:
            shape = _with_keypoint(shapes[owner], own_slots, point)
            if isinstance(shape, Reason):
                shapes[index] = shape
            else:
                shapes[owner], owners[index] = shape, owner
    return owners


def _with_owners(
    shapes: Sequence[Shape | Reason], selection: Selection
) -> list[tuple[int, Shape, Point, int | None]]:
    """Each key point with its index, and the index of the shape that its `parentID` names.

    Ids of regions are unique within an annotation.
    """
    keypoints, others = list[tuple[int, Shape, Point]](), list[tuple[int, Shape]]()
    for index, shape in enumerate(shapes):
        if isinstance(shape, Shape) and isinstance(shape.figure, Keypoint):
            keypoints.append((index, shape, shape.figure.point))
        elif isinstance(shape, Shape):
            others.append((index, shape))
    if not keypoints:
        return []
    annotations, regions = selection.annotation_ids, selection.regions
    by_id = {(annotations[index], shape.image, shape.region): index for index, shape in others}
    parents = [
        by_id.get((annotations[index], shape.image, str(regions[index].get("parentID"))))
        for index, shape, _ in keypoints
    ]
    return [(*keypoint, parent) for keypoint, parent in zip(keypoints, parents, strict=True)]


def _with_keypoint(shape: Shape | Reason, slots: Sequence[int], point: Point) -> Shape | Reason:
    """The shape with one more key point; DUPLICATE when a slot is taken."""
    if isinstance(shape, Reason):
        return shape
    keypoints = list(shape.keypoints)
    if any(keypoints[slot] for slot in slots):
        return Reason.DUPLICATE
    for slot in slots:
        keypoints[slot] = point
    return shape._replace(keypoints=tuple(keypoints))


class KeypointObject(NamedTuple):
    """An object made of key points without a shape, and the indices of their regions."""

    shape: Shape
    indices: list[int]


def group(
    shapes: list[Shape | Reason],
    owners: Mapping[int, int],
    selection: Selection,
    class_id: int | None,
    settings: KeypointSettings,
) -> list[KeypointObject]:
    """The objects that key points without a shape are; none where `class_id`, their class, is None.

    All of an image are one; with `group_by`, all with the same answer of that control. Where it
    is not asked for, that is only assumed of images with nothing else, and of each label once. A
    key point that belongs to no object is replaced by its reason in `shapes`.
    """
    if class_id is None:
        return []
    groups = _groups(shapes, owners, selection, settings)
    objects = []
    for indices in groups.values():
        united = _united(shapes, indices, is_assumed=settings.is_assumed)
        if united is not None:
            box = geometry.bounding_box([point for point in united.keypoints if point])
            shape = united._replace(class_ids=(class_id,), figure=box)
            used = [index for index in indices if isinstance(shapes[index], Shape)]
            objects.append(KeypointObject(shape, used))
    return objects


def _groups(
    shapes: list[Shape | Reason],
    owners: Mapping[int, int],
    selection: Selection,
    settings: KeypointSettings,
) -> Mapping[Any, list[int]]:
    """The indices of key points without a shape, together where they are of one object."""
    annotations, answers = selection.annotation_ids, _answers(selection, settings.group_by)
    keys = [
        (annotation, shape.image) if isinstance(shape, Shape) else None
        for annotation, shape in zip(annotations, shapes, strict=True)
    ]
    taken = {
        key for key, shape in zip(keys, shapes, strict=True) if key and not _is_keypoint(shape)
    }
    groups = dict[Any, list[int]]()
    for index, (key, shape) in enumerate(zip(keys, shapes, strict=True)):
        if not isinstance(shape, Shape) or not _is_keypoint(shape) or index in owners:
            continue
        answer = answers.get((annotations[index], shape.region)) if answers is not None else ""
        if answer is None or (settings.is_assumed and key in taken):
            shapes[index] = Reason.NO_PARENT
        else:
            groups.setdefault((key, answer), []).append(index)
    return groups


def _is_keypoint(shape: Shape | Reason) -> bool:
    return isinstance(shape, Shape) and isinstance(shape.figure, Keypoint)


def _united(
    shapes: list[Shape | Reason], indices: Sequence[int], *, is_assumed: bool
) -> Shape | None:
    """The first key point with the others'; a label twice is a DUPLICATE, or no object at all."""
    united: Shape | None = None
    for index in indices:
        shape = shapes[index]
        if united is None or not isinstance(shape, Shape):
            united = shape if isinstance(shape, Shape) else united
            continue
        both = list(zip(united.keypoints, shape.keypoints, strict=True))
        if all(one is None or other is None for one, other in both):
            united = united._replace(keypoints=tuple(one or other for one, other in both))
        elif not is_assumed:
            shapes[index] = Reason.DUPLICATE
        else:
            for each in indices:
                shapes[each] = Reason.NO_PARENT
            return None
    return united


def _answers(selection: Selection, control: str | None) -> Mapping[tuple[int, str], str] | None:
    """The answers of a control about regions, by annotation and region; None without a control."""
    if control is None:
        return None
    pairs = zip(selection.annotation_ids, selection.regions, strict=True)
    return {
        (annotation, str(region.get("id"))): canonical_json.text(_answer(region))
        for annotation, region in pairs
        if isinstance(region, dict) and region.get("from_name") == control
    }


def _answer(region: Region) -> Any:
    value, kind = region.get("value"), region.get("type")
    return value.get(kind) if isinstance(value, dict) and isinstance(kind, str) else None
