"""COCO: boxes, polygons, ellipses, brush masks and key points in pixels, one document.

Entries have their ids first, then their other keys in order: the text behind the ids can be made
before the ids are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import fast_boxes, images, masks, rle, shapes
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import SPACE, Image, Mask, Polygon, Shape, ShapeWriter
from ls_dvc.formats.image.shapes import Keypoint
from ls_dvc.formats.interface import (
    Chunk,
    Encoded,
    FastPath,
    FormatContext,
    Pieces,
    documents,
    nothing,
    written,
)
from ls_dvc.formats.outcomes import Reason
from ls_dvc.io import canonical_json
from ls_dvc.io.filenames import UniqueNames, split
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Ellipse, Point, Size
from ls_dvc.labels.policy import Selection

NAME = "COCO"
SUMMARY = "Boxes (with their rotation), polygons, ellipses, masks and key points, one JSON file"
PATH = "result.json"
BATCH = 1000  # entries in a chunk
ROOM = 1_000_000  # ids for what one task has, in shards

shared = nothing


CocoAnnotation = dict[str, Any]


Piece = tuple[int, str, str, bytes, list[bytes]]
"""A picture: task, the stem and the extension that its address suggests for a name, and what its
entry in `images` and those in `annotations` have behind their ids. (Not named, as that makes it
slow between processes.)"""


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The pictures of a task as pieces."""
    return pieces_of(images.encode(selection, context, _WRITER))


def encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    """The same of a task with upright boxes alone; None where one is not drawn."""
    found = None if context.config.joints else images.upright_boxes(task, context)
    if found is None:
        return None
    image, (across, down), boxes = found
    entries = []
    for class_id, region, x, y, width, height in boxes:
        wide, high = width * across / 100, height * down / 100
        at = (x * across / 100, y * down / 100, wide, high)
        entries.append(_entry(wide * high, at, class_id, region, ()))
    return written([_piece(image, entries)], len(boxes))


FAST_PATH = FastPath(fast_boxes.read, encode_boxes)


def assemble(pieces: Pieces[list[Piece]], context: FormatContext) -> Iterator[Chunk]:
    """result.json: annotations as they come, images behind them.

    An image's id is its task's id where a task has one image, else they count from 1.
    Annotations count from 1. A category's id is its class id. In shards what counts does so within
    its task, from a million times the task's id: no id depends on another task.
    """
    head, names = _head(context), UniqueNames()
    for path, some in documents(pieces, context, PATH):
        yield Chunk(path, head)
        yield from _document(path, _entries(some, context, names))


def _entries(
    pieces: Iterable[list[Piece]], context: FormatContext, names: UniqueNames
) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each image with its annotations, all with their ids."""
    single, sharded = images.is_single(context), context.sharded
    pictures, numbers = count(1), count(1)
    for some in pieces:
        if sharded and some:
            pictures, numbers = count(_first_id(some)), count(_first_id(some))
        for task, stem, extension, about, drawn in some:
            image_id = task if single else next(pictures)
            name = canonical_json.encoded(names.given(stem, extension, task) + extension)
            yield (
                b'{"id":%d,"file_name":%s,%s' % (image_id, name, about),
                [b'{"id":%d,"image_id":%d,%s' % (next(numbers), image_id, each) for each in drawn],
            )


def _first_id(pieces: Sequence[Piece]) -> int:
    """Of what a task has; `LsDvcError` where there is no room before the next task's."""
    task = pieces[0][0]
    if max(len(pieces), sum(len(annotations) for *_, annotations in pieces)) >= ROOM:
        raise LsDvcError(
            f"task {task} has a million annotations, more than there are ids for in shards",
            "set label_studio.layout in params.yaml to loose or tar",
        )
    return task * ROOM + 1


def _document(path: str, entries: Iterable[tuple[bytes, list[bytes]]]) -> Iterator[Chunk]:
    """What stands behind the head."""
    rows, batch, comma = list[bytes](), list[bytes](), b"\n"
    for row, drawn in entries:
        rows.append(row)
        batch += drawn
        if len(batch) >= BATCH:
            yield Chunk(path, comma + b",\n".join(batch))
            batch, comma = [], b",\n"
    yield Chunk(path, comma + b",\n".join(batch) if batch else b"")
    yield Chunk(path, b'\n],\n"images": [')
    for first in range(0, len(rows), BATCH):
        comma = b",\n" if first else b"\n"
        yield Chunk(path, comma + b",\n".join(rows[first : first + BATCH]))
    yield Chunk(path, b"\n]}\n" if rows else b"\n\n]}\n")


def _head(context: FormatContext) -> bytes:
    names, info = context.classes.names(SPACE), "Label Studio annotations, written by ls-dvc"
    joints = [names[each] for each in shapes.keypoint_ids(context)]
    pose = {"keypoints": joints, "skeleton": []} if joints else {}
    categories = [{"id": number, "name": name, **pose} for number, name in enumerate(names)]
    listed = ",\n".join(map(canonical_json.text, categories))
    return (
        f'{{"info": {canonical_json.text({"description": info})},\n"licenses": [],\n'
        f'"categories": [\n{listed}\n],\n"annotations": ['
    ).encode()


def pieces_of(encoded: Encoded) -> Encoded:
    """The same with pictures, whose entries are annotations, as pieces."""
    if encoded.task is not None:
        return encoded
    return encoded._replace(content=[_piece(*each) for each in encoded.content])


def _piece(image: Image, entries: Iterable[CocoAnnotation]) -> Piece:
    task, address, size = image
    width, height = size or (None, None)
    entry = {"coco_url": address, "height": height, "task": task, "width": width}
    about, *annotations = [each[1:] for each in canonical_json.lines([entry, *entries])]
    return (task, *split(address, task), about, annotations)


# --- annotations


# A figure in pixels: its area, the upright xywh around it with its own rotation, `segmentation`.
_Drawn = tuple[float, Box, Any]


def draw(shape: Shape, image: Image) -> list[CocoAnnotation] | Reason:
    """One annotation for each label of a shape, but for its ids."""
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    figure = shape.figure
    drawn = _DRAWING[type(figure)](figure, image.size)
    if isinstance(drawn, Reason):
        return drawn
    area, (x, y, width, height, rotation), outline = drawn
    first, *others = shape.class_ids
    entry = _entry(area, (x, y, width, height), first, shape.region, outline)
    if rotation:
        entry["rotation"] = rotation
    if shape.keypoints:
        entry |= _joints(shape.keypoints, image.size)
    return [entry, *({**entry, "category_id": each} for each in others)]


def _entry(
    area: float,
    bbox: tuple[float, float, float, float],
    class_id: int,
    region: str,
    segmentation: Any,
) -> CocoAnnotation:
    return {
        "area": area,
        "bbox": bbox,
        "category_id": class_id,
        "iscrowd": 0,
        "region": region,
        "segmentation": segmentation,
    }


def _joints(joints: Sequence[Point | None], size: Size) -> Mapping[str, Any]:
    """x, y in pixels and 2 (labeled and visible) for each joint, three zeros where there is none.

    Where a project has key points all annotations have all joints: readers count on that.
    """
    placed = [(*geometry.pixels(each, size), 2) if each else (0, 0, 0) for each in joints]
    labeled = len(joints) - joints.count(None)
    return {"keypoints": [*chain.from_iterable(placed)], "num_keypoints": labeled}


def _box(box: Box, size: Size) -> _Drawn:
    """A rotated box has its corners as segmentation."""
    drawn = box.in_pixels(size)
    area = drawn.width * drawn.height
    if drawn.rotation == 0:
        return area, drawn, ()
    corners = drawn.corners()
    return area, geometry.bounding_box(corners)._replace(rotation=drawn.rotation), _flat(corners)


def _ellipse(ellipse: Ellipse, size: Size) -> _Drawn:
    return _outlined(ellipse.outline(size))


def _polygon(polygon: Polygon, size: Size) -> _Drawn:
    return _outlined([geometry.pixels(each, size) for each in polygon.points])


def _keypoint(keypoint: Keypoint, size: Size) -> _Drawn:
    """A key point that belongs to nothing: no area, and a box without sides."""
    return 0.0, Box(*geometry.pixels(keypoint.point, size), 0.0, 0.0), ()


def _mask(mask: Mask, size: Size) -> _Drawn | Reason:
    alpha = masks.alpha(mask.value, size)
    if alpha is None:
        return Reason.MALFORMED
    width, height = int(size.width), int(size.height)
    found = rle.of(alpha, width, height)
    if found is None:
        return Reason.BAD_GEOMETRY
    return found.area, found.around, {"counts": found.counts, "size": (height, width)}


def _outlined(points: Sequence[Point]) -> _Drawn:
    return geometry.area(points), geometry.bounding_box(points), _flat(points)


def _flat(points: Iterable[Point]) -> list[list[float]]:
    return [[*chain.from_iterable(points)]]


_DRAWING: Mapping[type, Callable[[Any, Size], _Drawn | Reason]] = {
    Box: _box,
    Ellipse: _ellipse,
    Polygon: _polygon,
    Keypoint: _keypoint,
    Mask: _mask,
}
_WRITER = ShapeWriter(frozenset(_DRAWING), draw, keypoint_outcome=lambda _: None)
