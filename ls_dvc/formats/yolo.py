"""YOLO: boxes and polygons in fractions of the image, one text file for each image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ls_dvc import geometry
from ls_dvc.formats import images, tables
from ls_dvc.formats.base import Chunk, Encoded, Project
from ls_dvc.formats.images import SPACE, Image, Picture, Shape
from ls_dvc.geometry import Box, Point
from ls_dvc.ledger import Reason
from ls_dvc.names import Names
from ls_dvc.select import Labels

NAME = "YOLO"
SUMMARY = "Upright boxes and polygon segments, a text file an image"
NOTHING = "0.000000"  # a side that six decimals cannot tell from none


def check(project: Project) -> None:
    """Needs an image to draw on."""
    images.check(project, NAME)


def encode(labels: Labels, project: Project) -> Encoded:
    """The pictures of a task, with the lines of their label files."""
    return images.encode(labels, project, _lines)


def assemble(pieces: Iterable[list[Picture]], project: Project) -> Iterator[Chunk]:
    """labels/<image>.txt, then images.csv; in a split labels/<split>/ and images-<split>.csv.

    images.csv says under which name to save each task's image, so that it finds its labels.
    """
    names, folder = Names(), "/".join(filter(None, ("labels", project.split)))
    table = [tables.line(("task", "image", "file_name", "labels"))]
    for picture in (each for piece in pieces for each in piece):
        image = picture.image
        stem, extension = names.unique(image.address, image.task)
        path = f"{folder}/{stem}.txt"
        yield Chunk(path, "".join(f"{line}\n" for line in picture.entries).encode())
        table.append(tables.line((image.task, image.address, stem + extension, path)))
    listing = f"images-{project.split}.csv" if project.split else "images.csv"
    yield Chunk(listing, b"".join(table))


def shared(project: Project) -> Iterator[Chunk]:
    """classes.txt and data.yaml. Line n of classes.txt, counted from 0, is class id n."""
    names = project.classes.names(SPACE)
    lines = [f"{' '.join(name.split())}\n" for name in names]
    yield Chunk("classes.txt", "".join(lines).encode(errors="backslashreplace"))
    listed = "".join(f"\n  {number}: {_quoted(name)}" for number, name in enumerate(names))
    head = f"path: .\n{_folders(project)}nc: {len(names)}\n"
    yield Chunk("data.yaml", f"{head}names:{listed or ' {}'}\n".encode())


def _folders(project: Project) -> str:
    """Where the images of each split belong; without splits, training is all there is."""
    places = {each: f"images/{each}" for each in project.splits}
    return "".join(
        f"{name}: {place}\n"
        for name, place in (places or {"train": "images", "val": "images"}).items()
    )


# What YAML takes only escaped. (JSON escapes less, and emoji as pairs, which YAML does not join.)
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')


def _quoted(name: str) -> str:
    """`name` as a double-quoted scalar of YAML."""
    return '"' + _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", name) + '"'


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a shape."""
    numbers = _numbers(shape, image)
    if isinstance(numbers, Reason):
        return numbers
    return [" ".join([str(each), *numbers]) for each in shape.class_ids]


def _numbers(shape: Shape, image: Image) -> list[str] | Reason:
    """The numbers behind the class id, fractions of width and height with six decimals."""
    if shape.box is None:
        return _polygon(geometry.clipped(shape.points))
    upright = _upright(shape.box, image)
    return upright if isinstance(upright, Reason) else _box(upright)


def _polygon(percent: list[Point]) -> list[str] | Reason:
    points = [(round(x / 100, 6), round(y / 100, 6)) for x, y in percent]
    if not points or geometry.is_flat(points):
        return Reason.OUTSIDE_IMAGE
    return [f"{value:.6f}" for point in points for value in point]


def _upright(box: Box, image: Image) -> Box | Reason:
    """The box in percent without rotation around `box`; turning needs the image's size."""
    if box.rotation == 0:
        return box
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    return box.in_pixels(image.size).upright().in_percent(image.size)


def _box(percent: Box) -> list[str] | Reason:
    """Centre x, centre y, width, height of the part of the box that lies on the image."""
    left, top = _clip(percent.x), _clip(percent.y)
    right, bottom = _clip(percent.x + percent.width), _clip(percent.y + percent.height)
    if right <= left or bottom <= top:
        return Reason.OUTSIDE_IMAGE
    numbers = (
        (left + right) / 200,
        (top + bottom) / 200,
        (right - left) / 100,
        (bottom - top) / 100,
    )
    written = [f"{value:.6f}" for value in numbers]
    return Reason.BAD_GEOMETRY if NOTHING in written[2:] else written


def _clip(percent: float) -> float:
    return min(max(percent, 0.0), 100.0)
