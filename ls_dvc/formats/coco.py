"""COCO: boxes and polygons in pixels, one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ls_dvc import canonical, geometry
from ls_dvc.formats import images
from ls_dvc.formats.base import Chunk, Encoded, Project, document_path, nothing
from ls_dvc.formats.images import SPACE, Image, Picture, Shape
from ls_dvc.geometry import Box, Point, Size
from ls_dvc.ledger import Reason
from ls_dvc.names import Names
from ls_dvc.select import Labels

NAME = "COCO"
SUMMARY = "Boxes (with their rotation) and polygons for detection and segmentation"
PATH = "result.json"

shared = nothing


def check(project: Project) -> None:
    """Needs an image to draw on."""
    images.check(project, NAME)


def encode(labels: Labels, project: Project) -> Encoded:
    """The pictures of a task, with annotations that lack only their ids."""
    return images.encode(labels, project, _annotations)


def assemble(pieces: Iterable[list[Picture]], project: Project) -> Iterator[Chunk]:
    """result.json: annotations as they come, images behind them.

    An image's id is its task's id where a task has one image, else they count from 1.
    Annotations count from 1. A category's id is its class id.
    """
    names, rows, written = Names(), list[bytes](), 0
    single, path = images.is_single(project.config), document_path(project, PATH)
    yield Chunk(path, _head(project))
    for picture in (each for piece in pieces for each in piece):
        image_id = picture.image.task if single else len(rows) + 1
        rows.append(_line(_image(picture.image, image_id, names)))
        for annotation in picture.entries:
            written += 1
            entry = _line({"id": written, "image_id": image_id, **annotation})
            yield Chunk(path, (b",\n" if written > 1 else b"\n") + entry)
    yield Chunk(path, b'\n],\n"images": [\n' + b",\n".join(rows) + b"\n]}\n")


def _head(project: Project) -> bytes:
    categories = [
        {"id": number, "name": name} for number, name in enumerate(project.classes.names(SPACE))
    ]
    info = canonical.text({"description": "Label Studio annotations, written by ls-dvc"})
    listed = ",\n".join(map(canonical.text, categories))
    return (
        f'{{"info": {info},\n"licenses": [],\n"categories": [\n{listed}\n],\n"annotations": ['
    ).encode()


def _image(image: Image, image_id: int, names: Names) -> dict[str, Any]:
    stem, extension = names.unique(image.address, image.task)
    return {
        "id": image_id,
        "task": image.task,
        "file_name": stem + extension,
        "coco_url": image.address,
        "width": image.size.width if image.size else None,
        "height": image.size.height if image.size else None,
    }


def _annotations(shape: Shape, image: Image) -> list[dict[str, Any]] | Reason:
    """One annotation for each label of a shape."""
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    body = _box(shape.box, image.size) if shape.box else _polygon(shape.points, image.size)
    entry = {"iscrowd": 0, "region": shape.region, **body}
    return [{"category_id": each, **entry} for each in shape.class_ids]


def _box(box: Box, size: Size) -> dict[str, Any]:
    """`bbox` is xywh in pixels and upright; a rotated box has its corners as segmentation."""
    drawn = box.in_pixels(size)
    upright = drawn.upright()
    corners = [] if drawn.rotation == 0 else [[v for point in drawn.corners() for v in point]]
    turned = {"rotation": drawn.rotation} if drawn.rotation else {}
    return {
        "bbox": [upright.x, upright.y, upright.width, upright.height],
        "area": drawn.width * drawn.height,
        "segmentation": corners,
        **turned,
    }


def _polygon(percent: Sequence[Point], size: Size) -> dict[str, Any]:
    points = [geometry.pixels(each, size) for each in percent]
    around = geometry.enclosing(points)
    return {
        "bbox": [around.x, around.y, around.width, around.height],
        "area": geometry.area(points),
        "segmentation": [[v for point in points for v in point]],
    }


def _line(value: dict[str, Any]) -> bytes:
    return canonical.line(value).rstrip(b"\n")
