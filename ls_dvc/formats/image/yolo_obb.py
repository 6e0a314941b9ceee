"""YOLO_OBB: boxes with their rotation, as four corners in fractions of the image."""

from __future__ import annotations

from collections.abc import Sequence

from ls_dvc.formats.image import images, yolo
from ls_dvc.formats.image.images import Image, Shape, ShapeWriter
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Point
from ls_dvc.labels.policy import Selection

NAME = "YOLO_OBB"
SUMMARY = "Boxes with their rotation as four corners, a text file an image"
FAST_PATH = None

assemble, shared = yolo.assemble, yolo.shared


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The pictures of a task, with the lines of their label files."""
    return yolo.files_of(images.encode(selection, context, _PEN))


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a box: its corners, clockwise from the one Label Studio starts at.

    What an upright box has outside the image is cut off. Of a rotated one the corners outside are
    moved to the edge, as trainers refuse images with points beyond it.
    """
    if not isinstance(shape.figure, Box):
        return Reason.UNSUPPORTED_TYPE
    corners = _corners(shape.figure, image)
    if isinstance(corners, Reason):
        return corners
    points = [(round(x / 100, 6), round(y / 100, 6)) for x, y in corners]
    if geometry.is_flat(points):
        return Reason.BAD_GEOMETRY
    return yolo.of_labels(shape, " ".join([f"{x:.6f} {y:.6f}" for x, y in points]))


_PEN = ShapeWriter(frozenset({Box}), _lines)


def _corners(box: Box, image: Image) -> Sequence[Point] | Reason:
    """In percent; turning needs the image's size."""
    if box.rotation == 0:
        edges = yolo.inside(*box[:4])
        return edges if isinstance(edges, Reason) else _of_edges(*edges)
    if image.size is None:
        return Reason.NO_IMAGE_SIZE
    width, height = image.size
    turned = [(x / width * 100, y / height * 100) for x, y in box.in_pixels(image.size).corners()]
    if not geometry.clipped(turned):
        return Reason.OUTSIDE_IMAGE
    return [(min(max(x, 0.0), 100.0), min(max(y, 0.0), 100.0)) for x, y in turned]


def _of_edges(left: float, top: float, right: float, bottom: float) -> Sequence[Point]:
    return (left, top), (right, top), (right, bottom), (left, bottom)
