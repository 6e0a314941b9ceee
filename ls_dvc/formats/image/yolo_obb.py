"""YOLO_OBB: oriented boxes as four corners in fractions of the image, a text file an image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ls_dvc.formats.image import (
    drawing,
    fast_boxes,
    mask_outlines,
    oriented_box,
    outlines,
    yolo,
    yolo_files,
    yolo_seg,
)
from ls_dvc.formats.image.drawing import ShapeWriter
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import Image
from ls_dvc.formats.image.outlines import Outline
from ls_dvc.formats.image.shapes import Figure, Mask, Shape
from ls_dvc.formats.interface import Encoded, FastPath, FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.geometry import Box, Ellipse, Point, Size
from ls_dvc.labels.policy import Selection

NAME = "YOLO_OBB"
SUMMARY = "Boxes with their rotation around shapes of every kind, a text file an image"

assemble, shared = yolo_files.assemble, yolo_files.shared


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    yolo_files.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The label files of a task."""
    return yolo_files.label_files(drawing.encode(selection, context, _WRITER))


def _encode_boxes(task: FastBoxTask, context: FormatContext) -> Encoded | None:
    return yolo_files.encode_boxes(task, context, yolo_seg.corners)


FAST_PATH = FastPath(fast_boxes.read, _encode_boxes, fast_boxes.measure)
CONTENT = yolo_files.CONTENT


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a shape: four corners, clockwise.

    The corners of a box begin with the one that Label Studio starts at. What an upright box has
    outside the image is cut off. Of a rotated one the corners outside are moved to the edge, as
    trainers refuse images with points beyond it.
    """
    upright = _upright(shape.figure)
    numbers = yolo_seg.corners(*upright[:4]) if upright else _rotated(shape.figure, image.size)
    return numbers if isinstance(numbers, Reason) else yolo.for_each_label(shape, numbers)


_WRITER = ShapeWriter(yolo.WITH_EXTENT, _lines, is_read=yolo_files.is_read)


def _upright(figure: Figure) -> Box | None:
    """A box without rotation, or that around an ellipse without; None for everything else."""
    if isinstance(figure, Box):
        return figure if figure.rotation == 0 else None
    if not isinstance(figure, Ellipse) or figure.rotation != 0:
        return None
    x, y, radius_x, radius_y, _ = figure
    return Box(x - radius_x, y - radius_y, 2 * radius_x, 2 * radius_y)


def _rotated(figure: Figure, size: Size | None) -> str | Reason:
    corners = _corners(figure, size)
    if isinstance(corners, Reason):
        return corners
    points, (width, height) = corners
    if not geometry.clipped(points, corners.size):
        return Reason.OUTSIDE_IMAGE
    inside = [(min(max(x, 0.0), width), min(max(y, 0.0), height)) for x, y in points]
    return yolo_seg.polygon(corners._replace(points=inside))


def _corners(figure: Figure, size: Size | None) -> Outline | Reason:
    """The corners of the smallest box around a figure, in pixels, on the image or not."""
    if size is None:
        return Reason.NO_IMAGE_SIZE
    if isinstance(figure, Box):
        return outlines.of(figure, size)
    if isinstance(figure, Ellipse):
        return Outline(_along_axes(figure, size), size)
    outline = _around_mask(figure, size) if isinstance(figure, Mask) else _pixels(figure, size)
    if isinstance(outline, Reason):
        return outline
    points = [(round(x, 6), round(y, 6)) for x, y in outline.points]
    if geometry.is_flat(points):
        return Reason.BAD_GEOMETRY
    return outline._replace(points=oriented_box.around(points))


def _around_mask(mask: Mask, size: Size) -> Outline | Reason:
    traced = mask_outlines.of(mask, size)
    return traced if isinstance(traced, Reason) else traced.outline


def _along_axes(ellipse: Ellipse, size: Size) -> Sequence[Point]:
    """The corners of the box whose sides touch an ellipse at the ends of its axes."""
    x, y = geometry.pixels((ellipse.x, ellipse.y), size)
    across, down = geometry.pixels((ellipse.radius_x, ellipse.radius_y), size)
    angle = math.radians(ellipse.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    left, top = x - across * cos + down * sin, y - across * sin - down * cos
    return Box(left, top, 2 * across, 2 * down, ellipse.rotation).corners()


def _pixels(figure: Figure, size: Size) -> Outline | Reason:
    """What of a polygon lies on the image."""
    outline = outlines.visible(figure, size)
    if isinstance(outline, Reason):
        return outline
    return Outline([geometry.pixels(point, size) for point in outline.points], size)
