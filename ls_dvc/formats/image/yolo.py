"""YOLO: boxes and polygons in fractions of the image, one text file for each image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from ls_dvc.formats.image import fast_boxes, images
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import SPACE, Image, LabelFile, Polygon, Shape, ShapeWriter
from ls_dvc.formats.interface import Chunk, Encoded, FastPath, FormatContext, written
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.records import csv_tsv
from ls_dvc.io.filenames import UniqueNames
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box
from ls_dvc.labels.policy import Selection

NAME = "YOLO"
SUMMARY = "Upright boxes and polygon segments, a text file an image"
NOTHING = "0.000000"  # a side that six decimals cannot tell from none


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The pictures of a task, with the lines of their label files."""
    return files_of(images.encode(selection, context, _PEN))


def encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    """The same of a task with upright boxes alone; None where one is not drawn."""
    found = images.boxes_of(task, context)
    if found is None:
        return None
    image, _, boxes = found
    lines = []
    for class_id, _, x, y, width, height in boxes:
        numbers = _fractions(x, y, width, height)
        if isinstance(numbers, Reason):
            return None
        lines.append(f"{class_id} {numbers}")
    return written([images.file(image, _content(lines))], len(boxes))


FAST_PATH = FastPath(fast_boxes.read, encode_boxes)


def files_of(encoded: Encoded) -> Encoded:
    """The same with a file for each picture, an entry a line."""
    return images.files_of(encoded, lambda picture: _content(picture.entries))


def _content(lines: Sequence[str]) -> bytes:
    return "\n".join([*lines, ""]).encode()


def assemble(pieces: Iterable[list[LabelFile]], context: FormatContext) -> Iterator[Chunk]:
    """labels/<image>.txt and images.csv; in a split labels/<split>/ and images-<split>.csv.

    images.csv says under which name to save each task's image, so that it finds its labels.
    """
    names, folder = UniqueNames(), "/".join(filter(None, ("labels", context.split)))
    listing = f"images-{context.split}.csv" if context.split else "images.csv"
    yield Chunk(listing, csv_tsv.line(("task", "image", "file_name", "labels")))
    for task, address, suggested, extension, content in chain.from_iterable(pieces):
        stem = names.given(suggested, extension, task)
        path = f"{folder}/{stem}.txt"
        yield Chunk(path, content, task)
        yield Chunk(listing, csv_tsv.line((task, address, stem + extension, path)))


def shared(context: FormatContext) -> Iterator[Chunk]:
    """classes.txt and data.yaml. Line n of classes.txt, counted from 0, is class id n."""
    yield named("classes.txt", context.classes.names(SPACE))
    yield Chunk("data.yaml", description(context).encode())


def named(path: str, names: Iterable[str]) -> Chunk:
    """A file with a name on each line."""
    lines = [f"{' '.join(name.split())}\n" for name in names]
    return Chunk(path, "".join(lines).encode(errors="backslashreplace"))


def description(context: FormatContext) -> str:
    """The content of data.yaml: where images belong, and the classes."""
    names = context.classes.names(SPACE)
    listed = "".join(f"\n  {number}: {quoted(name)}" for number, name in enumerate(names))
    return f"path: .\n{_folders(context)}nc: {len(names)}\nnames:{listed or ' {}'}\n"


def _folders(context: FormatContext) -> str:
    """Where the images of each split belong; without splits, training is all there is."""
    places = {each: f"images/{each}" for each in context.splits}
    return "".join(
        f"{name}: {place}\n"
        for name, place in (places or {"train": "images", "val": "images"}).items()
    )


# What YAML takes only escaped. (JSON escapes less, and emoji as pairs, which YAML does not join.)
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')


def quoted(name: str) -> str:
    """`name` as a double-quoted scalar of YAML."""
    return '"' + _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", name) + '"'


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a shape."""
    figure = shape.figure
    if isinstance(figure, Box):
        numbers = box(figure, image)
    else:
        numbers = _polygon(figure) if isinstance(figure, Polygon) else Reason.UNSUPPORTED_TYPE
    return numbers if isinstance(numbers, Reason) else of_labels(shape, numbers)


_PEN = ShapeWriter(frozenset({Box, Polygon}), _lines)


def of_labels(shape: Shape, numbers: str) -> list[str]:
    """A line for each label of a shape, with these numbers behind the class id."""
    return [f"{each} {numbers}" for each in shape.class_ids]


def box(figure: Box, image: Image) -> str | Reason:
    """Centre x, centre y, width, height of the part of the upright box that lies on the image.

    Fractions of the image's width and height, six decimals.
    """
    upright = _upright(figure, image)
    return upright if isinstance(upright, Reason) else _fractions(*upright[:4])


def _fractions(x: float, y: float, width: float, height: float) -> str | Reason:
    edges = inside(x, y, width, height)
    if isinstance(edges, Reason):
        return edges
    left, top, right, bottom = edges
    across, down = f"{(right - left) / 100:.6f}", f"{(bottom - top) / 100:.6f}"
    if NOTHING in (across, down):
        return Reason.BAD_GEOMETRY
    return f"{(left + right) / 200:.6f} {(top + bottom) / 200:.6f} {across} {down}"


def inside(
    x: float, y: float, width: float, height: float
) -> tuple[float, float, float, float] | Reason:
    """Left, top, right and bottom of the part of a box that lies on the image, all in percent."""
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, 100.0), min(y + height, 100.0)
    return (left, top, right, bottom) if left < right and top < bottom else Reason.OUTSIDE_IMAGE


def _upright(figure: Box, image: Image) -> Box | Reason:
    """The box in percent without rotation around `figure`; turning needs the image's size."""
    if figure.rotation == 0:
        return figure
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    return figure.in_pixels(image.size).upright().in_percent(image.size)


def _polygon(polygon: Polygon) -> str | Reason:
    """The points of the part of a polygon that lies on the image, fractions with six decimals."""
    clipped = geometry.clipped(polygon.points)
    points = [(round(x / 100, 6), round(y / 100, 6)) for x, y in clipped]
    if not points or geometry.is_flat(points):
        return Reason.OUTSIDE_IMAGE
    return " ".join([f"{x:.6f} {y:.6f}" for x, y in points])
