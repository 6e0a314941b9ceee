"""Pascal VOC: boxes in whole pixels, one XML file for each image.

A box is written as VOC's development kit defines it: the first and the last pixel that belong to
it, counted from 1. So a box over the whole of a 640x480 image is 1, 1, 640, 480.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache, partial
from itertools import chain
from math import ceil, floor

from ls_dvc.formats.image import drawing, fast_boxes, images, outlines
from ls_dvc.formats.image.drawing import ShapeWriter
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import Image, LabelFile
from ls_dvc.formats.image.shapes import SPACE, Figure, Polygon, Shape
from ls_dvc.formats.interface import Chunk, Encoded, FastPath, FormatContext, nothing, written
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.records import csv_tsv
from ls_dvc.io.filenames import UniqueNames
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Ellipse, Point, Size
from ls_dvc.labels.policy import Selection

NAME = "VOC"
SUMMARY = "Pascal VOC: upright boxes in pixels, and polygons, an XML file an image"
WHOLE = "trainval"  # what VOC calls the set of all images that are not for testing
Sides = tuple[float, float, float, float]  # x, y, width, height in pixels
FIGURES: frozenset[type] = frozenset({Box, Ellipse, Polygon})

shared = nothing


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The pictures of a task, with the objects of their files as XML."""
    encoded = drawing.encode(selection, context, _writer(context))
    return images.label_files(encoded, lambda each: _rest(each.image.size, each.entries))


@lru_cache(maxsize=8)
def _writer(context: FormatContext) -> ShapeWriter:
    return ShapeWriter(FIGURES, partial(_objects, _names(context)))


def encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    """The same of a task with upright boxes alone; None where one is not drawn."""
    found = images.upright_boxes(task, context)
    if found is None:
        return None
    image, size, boxes = found
    names, across, down, objects = _names(context), size.width, size.height, []
    for class_id, _, x, y, width, height in boxes:
        pixels = (x * across / 100, y * down / 100, width * across / 100, height * down / 100)
        drawn = _box(pixels, size)
        if isinstance(drawn, Reason):
            return None
        objects.append(_object(names[class_id], drawn))
    return written([images.label_file(image, _rest(size, objects))], len(boxes))


FAST_PATH = FastPath(fast_boxes.read, encode_boxes, fast_boxes.measure)
CONTENT = list[LabelFile]


@lru_cache(maxsize=8)
def _names(context: FormatContext) -> Sequence[str]:
    """What the classes are called in XML, in the order of their ids."""
    return [_escaped(name) for name in context.classes.names(SPACE)]


def assemble(pieces: Iterable[list[LabelFile]], context: FormatContext) -> Iterator[Chunk]:
    """Annotations/<image>.xml, ImageSets/Main/trainval.txt and images.csv.

    In a split Annotations/<split>/, ImageSets/Main/<split>.txt and images-<split>.csv; the list
    then has <split>/<image>. images.csv says under which name to save each task's image. Those that
    come along are there already: JPEGImages/<image>, in a split JPEGImages/<split>/.
    """
    names, folder = UniqueNames(), f"{context.split}/" if context.split else ""
    listing = f"images-{context.split}.csv" if folder else "images.csv"
    image_set = f"ImageSets/Main/{context.split or WHOLE}.txt"
    yield Chunk(listing, csv_tsv.line(("task", "image", "file_name", "annotation")))
    yield Chunk(image_set, b"")
    for task, address, suggested, extension, content, picture in chain.from_iterable(pieces):
        stem = names.given(suggested, extension, task)
        path, file_name = f"Annotations/{folder}{stem}.xml", stem + extension
        document = _head(f"JPEGImages/{folder}"[:-1], file_name).encode() + content
        yield Chunk(path, document, task)
        if picture is not None:
            yield Chunk(f"JPEGImages/{folder}{file_name}", b"", task, picture)
        yield Chunk(image_set, f"{folder}{stem}\n".encode())
        yield Chunk(listing, csv_tsv.line((task, address, file_name, path)))


def _head(folder: str, file_name: str) -> str:
    """How a file begins: without an XML declaration, as lxml refuses a text with its encoding."""
    return (
        f"<annotation>\n\t<folder>{folder}</folder>\n\t<filename>{_escaped(file_name)}</filename>\n"
        "\t<source>\n\t\t<database>Label Studio</database>\n\t</source>\n"
    )


def _rest(size: Size | None, objects: Iterable[str]) -> bytes:
    """The rest of it.

    Without a region nobody knows the size, and then it is left out: readers ask the image.
    """
    size_element = _size(size) if size else ""
    return f"{size_element}\t<segmented>0</segmented>\n{''.join(objects)}</annotation>\n".encode()


def _size(size: Size) -> str:
    """Width and height; the depth, of which labels know nothing, is that of colours."""
    return (
        f"\t<size>\n\t\t<width>{ceil(size.width)}</width>\n\t\t<height>{ceil(size.height)}</height>\n"
        "\t\t<depth>3</depth>\n\t</size>\n"
    )


def _objects(names: Sequence[str], shape: Shape, image: Image) -> list[str] | Reason:
    """An object for each label of a shape."""
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    drawn = _drawn(shape.figure, image.size)
    if isinstance(drawn, Reason):
        return drawn
    return [_object(names[each], drawn) for each in shape.class_ids]


def _object(name: str, drawn: str) -> str:
    return f"\t<object>\n\t\t<name>{name}</name>\n{drawn}\t</object>\n"


def _drawn(figure: Figure, size: Size) -> str | Reason:
    """Rotated boxes and ellipses become the upright box around what of them is on the image."""
    if isinstance(figure, Box) and figure.rotation == 0:
        return _box(figure.in_pixels(size)[:4], size)
    if isinstance(figure, Polygon):
        return _polygon(figure.points, size)
    return _around(figure, size)


def _around(figure: Figure, size: Size) -> str | Reason:
    """The upright box around the part of a rotated box or of an ellipse that lies on the image."""
    outline = outlines.of(figure, size)
    if isinstance(outline, Reason):
        return outline
    visible = outlines.clipped(outline)
    if isinstance(visible, Reason):
        return visible
    whole, inside = (geometry.bounding_box(each.points)[:4] for each in (outline, visible))
    return _bounds(whole, inside, size)


def _box(around: Sides, size: Size) -> str | Reason:
    """`around` is upright."""
    x, y, width, height = around
    if x >= size.width or y >= size.height or x + width <= 0 or y + height <= 0:
        return Reason.OUTSIDE_IMAGE
    return _bounds(around, around, size)


def _polygon(percent: Sequence[Point], size: Size) -> str | Reason:
    """The box around the part of a polygon that lies on the image, and that part as `polygon`.

    VOC's own files have no polygons. Points x1, y1, x2 … counted from 1 are what others made of
    them; whoever does not know them skips them.
    """
    inside = [geometry.pixels(each, size) for each in geometry.clipped(percent)]
    if not inside or geometry.is_flat(inside):
        return Reason.OUTSIDE_IMAGE
    whole = geometry.bounding_box([geometry.pixels(each, size) for each in percent])
    points = "".join(
        f"\t\t\t<x{place}>{x + 1:.2f}</x{place}>\n\t\t\t<y{place}>{y + 1:.2f}</y{place}>\n"
        for place, (x, y) in enumerate(inside, start=1)
    )
    bounds = _bounds(whole[:4], geometry.bounding_box(inside)[:4], size)
    return f"{bounds}\t\t<polygon>\n{points}\t\t</polygon>\n"


def _bounds(whole: Sides, inside: Sides, size: Size) -> str:
    """The pixels of the part `inside` the image; of less than one, the one that it lies on.

    `truncated` is VOC's word for an object that the edge of the image cuts.
    """
    width, height = ceil(size.width), ceil(size.height)
    left, top, right, bottom = _nearest(whole)
    truncated = int(left < 0 or top < 0 or right > width or bottom > height)
    if whole is not inside:
        left, top, right, bottom = _nearest(inside)
    xmin, ymin = min(max(left, 0) + 1, width), min(max(top, 0) + 1, height)
    xmax, ymax = max(min(right, width), xmin), max(min(bottom, height), ymin)
    return (
        f"\t\t<pose>Unspecified</pose>\n\t\t<truncated>{truncated}</truncated>\n"
        f"\t\t<difficult>0</difficult>\n\t\t<bndbox>\n"
        f"\t\t\t<xmin>{xmin}</xmin>\n\t\t\t<ymin>{ymin}</ymin>\n"
        f"\t\t\t<xmax>{xmax}</xmax>\n\t\t\t<ymax>{ymax}</ymax>\n\t\t</bndbox>\n"
    )


def _nearest(box: Sides) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in whole pixels; halves go up, as with `round` they would not."""
    x, y, width, height = box
    return floor(x + 0.5), floor(y + 0.5), floor(x + width + 0.5), floor(y + height + 0.5)


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


_PLAIN = re.compile(r"[ !#-%'-;=?-~]*")  # printable ASCII, but for & < > "


@cache
def _unsayable() -> re.Pattern[str]:
    """What XML has no way to say, not even escaped. (Compiled late, as that takes a while.)"""
    return re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _escaped(text: str) -> str:
    """`text` for XML: readers get it back as it was, but control characters as `\\x01`."""
    if _PLAIN.fullmatch(text):
        return text
    sayable = _unsayable().sub(lambda found: ascii(found[0])[1:-1], text)
    return "".join(_ENTITIES.get(each, each) for each in sayable)
