"""Key points and the shapes that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ls_dvc.formats.image.shapes import Keypoint, Shape, ShapeReader
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels.geometry import Point
from ls_dvc.labels.policy import Selection


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
