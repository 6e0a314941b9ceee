"""COCO: boxes, polygons, ellipses, brush masks and key points in pixels, one document.

Entries have their ids first, then their other keys in order: the text behind the ids can be made
before the ids are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import count
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import (
    coco_annotations,
    drawing,
    fast_boxes,
    images,
    keypoint_objects,
    outlines,
    shapes,
)
from ls_dvc.formats.image.coco_annotations import FIGURES, CocoAnnotation, annotation, around_box
from ls_dvc.formats.image.drawing import ShapeWriter
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import Image
from ls_dvc.formats.image.shapes import SPACE
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
from ls_dvc.formats.media import extension_of
from ls_dvc.io import canonical_json
from ls_dvc.io.filenames import UniqueNames, split
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.policy import Selection

NAME = "COCO"
SUMMARY = "Boxes (with their rotation), polygons, ellipses, masks and key points, one JSON file"
PATH = "result.json"
BATCH = 1000  # entries in a chunk
ROOM = 1_000_000  # ids for what one task has, in shards

shared = nothing


EncodedImage = tuple[int, str, str, bytes, list[bytes], MediaFile | None]
"""An image: task, the stem and the extension that its address suggests for a name, what its entry
in `images` and those in `annotations` have behind their ids, and the picture if it comes along.
(Not a NamedTuple, as those are slow to send between processes.)"""


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)
    keypoint_objects.check(context)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The images of a task, encoded."""
    return encoded_images(drawing.encode(selection, context, writer(context, FIGURES)))


@lru_cache(maxsize=8)
def writer(context: FormatContext, figures: frozenset[type]) -> ShapeWriter:
    """What draws figures of these kinds as COCO's annotations."""
    draw = partial(coco_annotations.draw, category_ids(context))
    return ShapeWriter(figures, draw, keypoint_outcome=outlines.keypoint_outcome)


@lru_cache(maxsize=8)
def category_ids(context: FormatContext) -> Mapping[int, int]:
    """The category ids of classes, by class id.

    Class id + 1, as many readers take 0 for "no label". Where the label config gives ids
    (`category`), which are then class ids, they are category ids too. Labels of key points are
    no categories where all key points belong to objects.
    """
    used = [class_id for class_id, _ in context.classes.used(SPACE)]
    has_categories = (used and used[0] > 0) or SPACE in context.config.class_ids()
    first = 0 if has_categories else 1
    if keypoint_objects.object_class(context) is None:
        return {class_id: class_id + first for class_id in used}
    objects = keypoint_objects.classes(context)
    if keypoint_objects.OBJECT in objects:
        return {keypoint_objects.OBJECT: 1}
    return {class_id: class_id + first for class_id in used if class_id in objects}


def _encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    """A task with upright boxes alone; None where one is not drawn, or not all of it."""
    read = None if context.config.joints else images.upright_boxes(task, context)
    if read is None:
        return None
    image, (across, down), boxes = read
    categories, entries = category_ids(context), []
    for class_id, region, x, y, width, height in boxes:
        if x < 0 or y < 0 or x + width > 100 or y + height > 100:
            return None
        left, top = x * across / 100, y * down / 100
        wide, high = width * across / 100, height * down / 100
        outline = around_box(left, top, left + wide, top + high)
        bbox = (left, top, wide, high)
        entries.append(annotation(wide * high, bbox, categories[class_id], region, outline))
    return written([_encode_image(image, entries)], len(boxes))


FAST_PATH = FastPath(fast_boxes.read, _encode_boxes, fast_boxes.measure)
CONTENT = list[EncodedImage]


def assemble(pieces: Pieces[list[EncodedImage]], context: FormatContext) -> Iterator[Chunk]:
    """result.json: annotations as they come, images behind them.

    An image's id is its task's id where a task has one image, else they count from 1.
    Annotations count from 1. In shards what counts does so within its task, from a million times
    the task's id: no id depends on another task. The pictures that come along are in images/, in a
    split images/<split>/, where `file_name` is the name of one.
    """
    return files(pieces, context, shapes.keypoint_ids(context))


def files(
    pieces: Pieces[list[EncodedImage]], context: FormatContext, keypoint_ids: Sequence[int]
) -> Iterator[Chunk]:
    """The same, with key points of these classes in every category."""
    head, names = _head(context, keypoint_ids), UniqueNames()
    for path, encoded in documents(pieces, context, PATH):
        yield Chunk(path, head)
        yield from _document(path, _entries(encoded, context, names))


_Entry = tuple[bytes, list[bytes], Chunk | None]


def _entries(
    pieces: Iterable[list[EncodedImage]], context: FormatContext, names: UniqueNames
) -> Iterator[_Entry]:
    """Each image with its annotations, all with their ids, and its picture."""
    folder = images.folder_of_pictures(context)
    single, sharded = images.is_single(context), context.sharded
    image_ids, ids = count(1), count(1)
    for task_images in pieces:
        if sharded and task_images:
            image_ids, ids = count(_first_id(task_images)), count(_first_id(task_images))
        for task, suggested, extension, row, entries, file in task_images:
            image_id = task if single else next(image_ids)
            file_name = names.given(suggested, extension, task) + extension
            name = canonical_json.encoded(file_name)
            yield (
                b'{"id":%d,"file_name":%s,%s' % (image_id, name, row),
                [b'{"id":%d,"image_id":%d,%s' % (next(ids), image_id, e) for e in entries],
                Chunk(folder + file_name, b"", task, file) if file is not None else None,
            )


def _first_id(pieces: Sequence[EncodedImage]) -> int:
    """Of what a task has; `LsDvcError` where there is no room before the next task's."""
    task = pieces[0][0]
    if max(len(pieces), sum(len(annotations) for *_, annotations, _ in pieces)) >= ROOM:
        raise LsDvcError(
            f"task {task} has a million annotations, more than there are ids for in shards",
            "set label_studio.layout in params.yaml to loose or tar",
        )
    return task * ROOM + 1


def _document(path: str, entries: Iterable[_Entry]) -> Iterator[Chunk]:
    """What stands behind the head, and the pictures."""
    rows, batch, comma = list[bytes](), list[bytes](), b"\n"
    for row, drawn, picture in entries:
        if picture is not None:
            yield picture
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


def _head(context: FormatContext, keypoint_ids: Sequence[int]) -> bytes:
    info = "Label Studio annotations, written by ls-dvc"
    listed = ",\n".join(map(canonical_json.text, _categories(context, keypoint_ids)))
    return (
        f'{{"info": {canonical_json.text({"description": info})},\n"licenses": [],\n'
        f'"categories": [\n{listed}\n],\n"annotations": ['
    ).encode()


def _categories(context: FormatContext, keypoint_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The classes of objects."""
    names = context.classes.names(SPACE)
    keypoints = [names[class_id] for class_id in keypoint_ids]
    pose = {"keypoints": keypoints, "skeleton": []} if keypoints else {}
    objects = keypoint_objects.classes(context)
    for class_id, category_id in category_ids(context).items():
        name = objects[class_id] if class_id < 0 else names[class_id]
        yield {"id": category_id, "name": name, **pose}


def encoded_images(encoded: Encoded) -> Encoded:
    """The same with encoded images in place of images whose entries are annotations."""
    if encoded.task is not None:
        return encoded
    return encoded._replace(content=[_encode_image(*drawn) for drawn in encoded.content])


def _encode_image(image: Image, entries: Iterable[CocoAnnotation]) -> EncodedImage:
    task, address, size, file = image
    width, height = size or (None, None)
    entry = {"coco_url": address, "height": height, "task": task, "width": width}
    row, *annotations = [each[1:] for each in canonical_json.lines([entry, *entries])]
    stem, suggested = split(address, task)
    return (task, stem, extension_of(file, suggested), row, annotations, file)
