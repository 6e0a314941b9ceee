"""YOLO: boxes and polygons in fractions of the image, one text file for each image."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from ls_dvc import canonical
from ls_dvc.formats import images
from ls_dvc.formats.base import Chunk, Encoded, Project
from ls_dvc.formats.images import SPACE, Image, Picture, Shape
from ls_dvc.geometry import Box
from ls_dvc.ledger import Reason
from ls_dvc.names import Names
from ls_dvc.select import Labels

NAME = "YOLO"
SUMMARY = "Upright boxes and polygon segments, a text file an image"


def check(project: Project) -> None:
    """Needs an image to draw on."""
    images.check(project, NAME)


def encode(labels: Labels, project: Project) -> Encoded:
    """The pictures of a task, with the lines of their label files."""
    return images.encode(labels, project, _lines)


def assemble(pieces: Iterable[list[Picture]], project: Project) -> Iterator[Chunk]:
    """labels/<image>.txt, then classes.txt, data.yaml, and images.csv.

    images.csv says under which name to save each task's image, so that it finds its labels.
    """
    names, out = Names(), io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("task", "image", "file_name", "labels"))
    for picture in (each for piece in pieces for each in piece):
        image = picture.image
        stem, extension = names.unique(image.address, image.task, room=len(".txt"))
        path = f"labels/{stem}.txt"
        yield Chunk(path, "".join(f"{line}\n" for line in picture.entries).encode())
        table.writerow((image.task, image.address, stem + extension, path))
    yield from _classes(project)
    yield Chunk("images.csv", out.getvalue().encode(errors="replace"))


def _classes(project: Project) -> Iterator[Chunk]:
    """Line n of classes.txt, counted from 0, is class id n."""
    names = project.classes.names(SPACE)
    lines = [f"{' '.join(name.split())}\n" for name in names]
    yield Chunk("classes.txt", "".join(lines).encode(errors="replace"))
    listed = "".join(f"  {number}: {canonical.text(name)}\n" for number, name in enumerate(names))
    head = "path: .\ntrain: images\nval: images\n"
    yield Chunk("data.yaml", f"{head}nc: {len(names)}\nnames:\n{listed}".encode())


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a shape."""
    numbers = _numbers(shape, image)
    if isinstance(numbers, Reason):
        return numbers
    return [" ".join([str(each), *numbers]) for each in shape.class_ids]


def _numbers(shape: Shape, image: Image) -> list[str] | Reason:
    """The numbers behind the class id, fractions of width and height with six decimals."""
    if shape.box is None:
        points = [(_clip(x / 100), _clip(y / 100)) for x, y in shape.points]
        flat = [value for point in points for value in point]
        return [f"{value:.6f}" for value in flat] if _has_area(points) else Reason.OUTSIDE_IMAGE
    upright = _upright(shape.box, image)
    return upright if isinstance(upright, Reason) else _box(upright)


def _upright(box: Box, image: Image) -> Box | Reason:
    """The box without rotation around `box`, in fractions; turning needs the image's size."""
    if box.rotation == 0:
        return box.scaled(0.01, 0.01)
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    in_pixels = box.scaled(image.size.width / 100, image.size.height / 100)
    return in_pixels.upright().scaled(1 / image.size.width, 1 / image.size.height)


def _box(box: Box) -> list[str] | Reason:
    """Centre x, centre y, width, height of the part of the box that lies on the image."""
    left, top = _clip(box.x), _clip(box.y)
    right, bottom = _clip(box.x + box.width), _clip(box.y + box.height)
    if right <= left or bottom <= top:
        return Reason.OUTSIDE_IMAGE
    numbers = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    return [f"{value:.6f}" for value in numbers]


def _has_area(points: list[tuple[float, float]]) -> bool:
    xs, ys = {x for x, _ in points}, {y for _, y in points}
    return len(xs) > 1 and len(ys) > 1


def _clip(fraction: float) -> float:
    return min(max(fraction, 0.0), 1.0)
