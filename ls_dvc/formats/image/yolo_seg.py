"""YOLO_SEG: the outlines of shapes in fractions of the image, one text file for each image."""

from __future__ import annotations

from ls_dvc.formats.image import drawing, fast_boxes, mask_outlines, outlines, yolo, yolo_files
from ls_dvc.formats.image.drawing import DrawnInPart, ShapeWriter
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import Image
from ls_dvc.formats.image.outlines import PERCENT, Outline
from ls_dvc.formats.image.shapes import Figure, Mask, Shape
from ls_dvc.formats.interface import Encoded, FastPath, FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Size
from ls_dvc.labels.policy import Selection

NAME = "YOLO_SEG"
SUMMARY = "Outlines of shapes of every kind as polygons, a text file an image"

assemble, shared = yolo_files.assemble, yolo_files.shared


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    yolo_files.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The label files of a task."""
    return yolo_files.label_files(drawing.encode(selection, context, _WRITER))


def _encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    return yolo_files.encode_boxes(task, context, corners)


FAST_PATH = FastPath(fast_boxes.read, _encode_boxes, fast_boxes.measure)
CONTENT = yolo_files.CONTENT


def _lines(shape: Shape, image: Image) -> list[str] | DrawnInPart | Reason:
    """A line for each label of a shape: the points of what of it lies on the image."""
    if isinstance(shape.figure, Mask):
        return _around_mask(shape, shape.figure, image.size)
    numbers = _points(shape.figure, image.size)
    return numbers if isinstance(numbers, Reason) else yolo.for_each_label(shape, numbers)


def _points(figure: Figure, size: Size | None) -> str | Reason:
    if isinstance(figure, Box) and figure.rotation == 0:
        return corners(*figure[:4])
    outline = outlines.visible(figure, size)
    return outline if isinstance(outline, Reason) else polygon(outline)


def _around_mask(shape: Shape, mask: Mask, size: Size | None) -> list[str] | DrawnInPart | Reason:
    traced = mask_outlines.of(mask, size)
    if isinstance(traced, Reason):
        return traced
    numbers = polygon(traced.outline)
    if isinstance(numbers, Reason):
        return numbers
    lines = yolo.for_each_label(shape, numbers)
    return DrawnInPart(lines, Reason.HOLES_FILLED) if traced.has_holes else lines


_WRITER = ShapeWriter(yolo.WITH_EXTENT, _lines, is_read=yolo_files.is_read)


def corners(x: float, y: float, width: float, height: float) -> str | Reason:
    """The corners of an upright box in percent, of the part of it that lies on the image."""
    edges = outlines.inside(x, y, width, height)
    if isinstance(edges, Reason):
        return edges
    left, top, right, bottom = edges
    return polygon(Outline([(left, top), (right, top), (right, bottom), (left, bottom)], PERCENT))


def polygon(outline: Outline) -> str | Reason:
    """Its points in fractions of the image, six decimals."""
    points = outline.fractions()
    if geometry.is_flat(points):
        return Reason.BAD_GEOMETRY
    return " ".join([f"{x:.6f} {y:.6f}" for x, y in points])
