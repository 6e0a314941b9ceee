"""The key points of one object, and which labels they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ls_dvc.check.families import KEYPOINT
from ls_dvc.check.regions import RegionView, shown_id
from ls_dvc.check.views import TaskView
from ls_dvc.io import canonical_json


class KeyPointSet(NamedTuple):
    """The points of one control with the same parent, or on the same image without one.

    `kind` is the same for sets that can be compared. `points` are by label, in the order of the
    annotation.
    """

    kind: str
    control: str
    parent: str
    points: Mapping[str, Sequence[RegionView]]


def key_point_sets(task: TaskView) -> Iterator[KeyPointSet]:
    """Those of all annotations."""
    for annotation in task.annotations:
        apart = annotation.labels_apart()
        sets = dict[tuple[str, str, str], dict[str, list[RegionView]]]()
        for region in annotation.families.get(KEYPOINT, ()):
            parent = region.region.get("parentID")
            place = region.control, region.picture, "" if parent is None else shown_id(parent)
            points = sets.setdefault(place, {})
            for label in region.labels or apart.get(region.id, ()):
                points.setdefault(label, []).append(region)
        for (control, _, parent), points in sets.items():
            if points:
                declared = task.context.config.declared_control(control)
                kind = canonical_json.text([declared, bool(parent)])
                yield KeyPointSet(kind, control, parent, points)
