"""COCO's annotations: bbox, area and segmentation in pixels, cut at the edges of the image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ls_dvc.formats.image import masks, outlines, rle
from ls_dvc.formats.image.filled_area import filled_area
from ls_dvc.formats.image.images import Image
from ls_dvc.formats.image.outlines import Outline
from ls_dvc.formats.image.shapes import Figure, Keypoint, Mask, Polygon, Shape
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Ellipse, Point, Size

CocoAnnotation = dict[str, Any]
Sides = tuple[float, float, float, float]  # x, y, width, height
FIGURES: frozenset[type] = frozenset({Box, Ellipse, Polygon, Keypoint, Mask})


def draw(
    category_ids: Mapping[int, int], shape: Shape, image: Image
) -> list[CocoAnnotation] | Reason:
    """One annotation for each label of a shape, but for its ids.

    `category_ids` has them by class id.
    """
    if not category_ids.keys() >= {*shape.class_ids}:
        return Reason.UNKNOWN_LABEL
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    drawn = _drawn(shape.figure, image.size)
    if isinstance(drawn, Reason):
        return drawn
    categories = [category_ids[class_id] for class_id in shape.class_ids]
    entry = annotation(drawn.area, drawn.bbox, categories[0], shape.region, drawn.segmentation)
    if isinstance(shape.figure, Box) and shape.figure.rotation:
        entry["rotation"] = shape.figure.rotation
    if shape.keypoints:
        entry |= _keypoints(shape.keypoints, image.size)
    return [entry, *({**entry, "category_id": category} for category in categories[1:])]


def annotation(
    area: float, bbox: Sides, category_id: int, region: str, segmentation: Any
) -> CocoAnnotation:
    """An annotation but for its ids."""
    return {
        "area": area,
        "bbox": bbox,
        "category_id": category_id,
        "iscrowd": 0,
        "region": region,
        "segmentation": segmentation,
    }


def around_box(x: float, y: float, right: float, bottom: float) -> tuple[tuple[float, ...]]:
    """The segmentation of an upright box: readers make a mask of every annotation."""
    return ((x, y, right, y, right, bottom, x, bottom),)


def _keypoints(keypoints: Sequence[Point | None], size: Size) -> Mapping[str, Any]:
    """x, y in pixels and 2 (labeled and visible) for each, three zeros where there is none.

    Where a project has key points all annotations have all of them: readers count on that.
    """
    triples = [(*geometry.pixels(point, size), 2) if point else (0, 0, 0) for point in keypoints]
    labeled = len(keypoints) - keypoints.count(None)
    return {"keypoints": [*chain.from_iterable(triples)], "num_keypoints": labeled}


class _Drawn(NamedTuple):
    """What of a figure lies on the image: area, upright xywh around it, `segmentation`."""

    area: float
    bbox: Sides
    segmentation: Any


def _drawn(figure: Figure, size: Size) -> _Drawn | Reason:
    if isinstance(figure, Box):
        return _rotated(figure, size) if figure.rotation else _upright(figure, size)
    if isinstance(figure, Mask):
        return _mask(figure, size)
    if isinstance(figure, Keypoint):
        return _alone(figure, size)
    if isinstance(figure, Polygon):
        points = [geometry.pixels(point, size) for point in figure.points]
    else:
        points = figure.outline(size)
    outline = outlines.clipped(Outline(points, size))
    return outline if isinstance(outline, Reason) else _outlined(outline.points)


def _upright(box: Box, size: Size) -> _Drawn | Reason:
    x, y, width, height, _ = box
    if x < 0 or y < 0 or x + width > 100 or y + height > 100:
        edges = outlines.inside(x, y, width, height)
        if isinstance(edges, Reason):
            return edges
        left, top, right, bottom = edges
        box = Box(left, top, right - left, bottom - top)
    x, y, width, height, _ = box.in_pixels(size)
    outline = around_box(x, y, x + width, y + height)
    return _Drawn(width * height, (x, y, width, height), outline)


def _rotated(box: Box, size: Size) -> _Drawn | Reason:
    pixels = box.in_pixels(size)
    corners = pixels.corners()
    outline = outlines.clipped(Outline(corners, size))
    if isinstance(outline, Reason):
        return outline
    drawn = _outlined(outline.points)
    if isinstance(drawn, Reason):
        return drawn
    is_whole = outline.points is corners
    return drawn._replace(area=pixels.width * pixels.height) if is_whole else drawn


def _alone(keypoint: Keypoint, size: Size) -> _Drawn:
    """A key point that belongs to nothing: no area, and a box without sides."""
    x, y = geometry.pixels(keypoint.point, size)
    return _Drawn(0.0, (x, y, 0.0, 0.0), around_box(x, y, x, y))


def _mask(mask: Mask, size: Size) -> _Drawn | Reason:
    alpha = masks.alpha(mask.value, size)
    if isinstance(alpha, Reason):
        return alpha
    width, height = int(size.width), int(size.height)
    runs = rle.of(alpha, width, height)
    if runs is None:
        return Reason.BAD_GEOMETRY
    return _Drawn(runs.area, runs.around[:4], {"counts": runs.counts, "size": (height, width)})


def _outlined(points: Sequence[Point]) -> _Drawn | Reason:
    area = filled_area(points)
    if area is None:
        return Reason.TOO_LARGE
    return _Drawn(area, geometry.bounding_box(points)[:4], _flat(points))


def _flat(points: Iterable[Point]) -> list[list[float]]:
    return [[*chain.from_iterable(points)]]
