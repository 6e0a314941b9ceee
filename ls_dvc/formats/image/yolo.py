"""YOLO: upright boxes in fractions of the image, one text file for each image."""

from __future__ import annotations

from ls_dvc.formats.image import drawing, fast_boxes, masks, outlines, yolo_files
from ls_dvc.formats.image.drawing import ShapeWriter
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import Image
from ls_dvc.formats.image.outlines import PERCENT
from ls_dvc.formats.image.shapes import Figure, Mask, Polygon, Shape
from ls_dvc.formats.interface import Encoded, FastPath, FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Ellipse, Size
from ls_dvc.labels.policy import Selection

NAME = "YOLO"
SUMMARY = "Upright boxes around shapes of every kind, a text file an image"
NOTHING = "0.000000"  # a side that six decimals cannot tell from none
WITH_EXTENT: frozenset[type] = frozenset({Box, Ellipse, Polygon, Mask})

assemble, shared = yolo_files.assemble, yolo_files.shared


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    yolo_files.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The label files of a task."""
    return yolo_files.label_files(drawing.encode(selection, context, _WRITER))


def _encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    return yolo_files.encode_boxes(task, context, _upright)


FAST_PATH = FastPath(fast_boxes.read, _encode_boxes, fast_boxes.measure)
CONTENT = yolo_files.CONTENT


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a shape."""
    numbers = box(shape.figure, image)
    return numbers if isinstance(numbers, Reason) else for_each_label(shape, numbers)


_WRITER = ShapeWriter(WITH_EXTENT, _lines, is_read=yolo_files.is_read)


def for_each_label(shape: Shape, numbers: str) -> list[str]:
    """A line for each label of a shape, with these numbers behind the class id."""
    return [f"{class_id} {numbers}" for class_id in shape.class_ids]


def box(figure: Figure, image: Image) -> str | Reason:
    """The upright box around the part of a figure that lies on the image.

    Centre x, centre y, width and height in fractions of the image, six decimals.
    """
    if isinstance(figure, Box) and figure.rotation == 0:
        return _upright(*figure[:4])
    if isinstance(figure, Mask):
        return _around_mask(figure, image.size)
    outline = outlines.visible(figure, image.size)
    if isinstance(outline, Reason):
        return outline
    x, y, width, height, _ = geometry.bounding_box(outline.points)
    return _fractions(x, y, x + width, y + height, outline.size)


def _upright(x: float, y: float, width: float, height: float) -> str | Reason:
    edges = outlines.inside(x, y, width, height)
    return edges if isinstance(edges, Reason) else _fractions(*edges, PERCENT)


def _around_mask(mask: Mask, size: Size | None) -> str | Reason:
    if size is None:
        return Reason.NO_IMAGE_SIZE
    alpha = masks.alpha(mask.value, size)
    if isinstance(alpha, Reason):
        return alpha
    bounds = masks.bounds(alpha, int(size.width))
    return _fractions(*bounds, size) if bounds else Reason.BAD_GEOMETRY


def _fractions(left: float, top: float, right: float, bottom: float, size: Size) -> str | Reason:
    across, down = size
    width, height = f"{(right - left) / across:.6f}", f"{(bottom - top) / down:.6f}"
    if NOTHING in (width, height):
        return Reason.BAD_GEOMETRY
    return f"{(left + right) / 2 / across:.6f} {(top + bottom) / 2 / down:.6f} {width} {height}"
