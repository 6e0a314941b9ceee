"""Key points: object keypoint similarity (OKS), https://cocodataset.org/#keypoints-eval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ls_dvc.check.families import BOX, KEYPOINT, LABEL
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import Families
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Point, Size, bounding_box, pixels
from ls_dvc.labels.label_config import LabelConfig

SIGMA = 0.05  # COCO's are 0.025 (eyes) to 0.107 (hips); the points here may be of anything
MOST = 1_000  # key points of a control; the others are not compared
_SQUARE = Size(100, 100)


class PlacedPoint(NamedTuple):
    """A key point in pixels. `scale` is the area of its object, in pixels, too."""

    place: str
    labels: tuple[str, ...]
    at: Point
    scale: float


def points_of(families: Families, config: LabelConfig) -> Mapping[str, Sequence[PlacedPoint]]:
    """The key points by control.

    A point's object is the box that it belongs to, else the box around all points of its picture,
    or the picture where that has no area.
    """
    regions = families.get(KEYPOINT, ())
    if not regions:
        return {}
    boxes = {region.id: _box_area(region) for region in families.get(BOX, ())}
    labels = {region.id: region.labels for region in families.get(LABEL, ())}
    around, found = _areas(regions), dict[str, list[PlacedPoint]]()
    for region in regions:
        point, size = _point(region), _size(region)
        if point is not None:
            scale = boxes.get(str(region.region.get("parentID"))) or around[region.picture]
            own = tuple(sorted(region.labels or labels.get(region.id, ())))
            placed = PlacedPoint(region.picture, own, point, scale or size.width * size.height)
            found.setdefault(config.declared_control(region.control), []).append(placed)
    return {control: sorted(points)[:MOST] for control, points in found.items()}


def similarities(ones: Sequence[PlacedPoint], others: Sequence[PlacedPoint]) -> Iterator[float]:
    """The similarity of points with the same labels, the most alike first, each taken once."""
    found = sorted(
        (-similarity(one, other), i, j)
        for i, one in enumerate(ones)
        for j, other in enumerate(others)
        if one[:2] == other[:2]
    )
    taken, matched = set[int](), set[int]()
    for negative, i, j in found:
        if i not in taken and j not in matched:
            taken.add(i)
            matched.add(j)
            yield -negative


def similarity(one: PlacedPoint, other: PlacedPoint) -> float:
    """1 for the same place, the nearer to 0 the farther apart, measured by the object's size."""
    (x1, y1), (x2, y2) = one.at, other.at
    squared = (x1 - x2) ** 2 + (y1 - y2) ** 2
    return math.exp(-squared / ((one.scale + other.scale) * (2 * SIGMA) ** 2))


def _areas(regions: Iterable[RegionView]) -> Mapping[str, float]:
    """The area of the box around all points of a picture, in pixels."""
    by_picture = dict[str, list[Point]]()
    for region in regions:
        by_picture.setdefault(region.picture, []).extend(filter(None, [_point(region)]))
    boxes = {name: bounding_box(points) for name, points in by_picture.items() if points}
    return {name: box.width * box.height for name, box in boxes.items()}


def _point(region: RegionView) -> Point | None:
    point = region_values.keypoint(region.value)
    return None if point is None else pixels(point, _size(region))


def _box_area(region: RegionView) -> float:
    box = region_values.box(region.value)
    in_pixels = box.in_pixels(_size(region)) if box else None
    return in_pixels.width * in_pixels.height if in_pixels else 0.0


def _size(region: RegionView) -> Size:
    return region_values.image_size(region.region) or _SQUARE
