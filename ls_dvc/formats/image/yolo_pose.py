"""YOLO_POSE: boxes with their key points in fractions of the image.

Every line has as many key points as the label config has labels of key points, in the order that
it gives them (`model_index`); those that nobody placed are three zeros. Labels of key points are no
classes: an object's class number is its place among the other labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import drawing, keypoint_objects, outlines, shapes, yolo, yolo_files
from ls_dvc.formats.image.drawing import ShapeWriter
from ls_dvc.formats.image.images import Image
from ls_dvc.formats.image.shapes import SPACE, Shape
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.geometry import Box, Point
from ls_dvc.labels.policy import Selection

NAME = "YOLO_POSE"
SUMMARY = "Upright boxes with the key points that belong to them, a text file an image"
FAST_PATH = None
CONTENT = yolo_files.CONTENT

assemble = yolo_files.assemble


def check(context: FormatContext) -> None:
    """Needs an image to draw on, and key point labels."""
    yolo_files.check(context, NAME)
    if not shapes.keypoint_ids(context):
        raise LsDvcError(
            f"{NAME} needs <KeyPointLabels> with labels; the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml",
        )
    keypoint_objects.check(context)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The label files of a task."""
    return yolo_files.label_files(drawing.encode(selection, context, _writer(context)))


@lru_cache(maxsize=8)
def _writer(context: FormatContext) -> ShapeWriter:
    numbers = {class_id: n for n, class_id in enumerate(keypoint_objects.classes(context))}
    draw = partial(_lines, numbers)
    return ShapeWriter(frozenset({Box}), draw, outlines.keypoint_outcome, yolo_files.is_read)


def shared(context: FormatContext) -> Iterator[Chunk]:
    """classes.txt and data.yaml, which has the names of key points, as readers want, by class."""
    names, classes = context.classes.names(SPACE), keypoint_objects.classes(context)
    yield yolo_files.class_list(classes.values())
    keypoints = [yolo_files.quoted(names[each]) for each in shapes.keypoint_ids(context)]
    listed = ", ".join(keypoints)
    by_class = "".join(f"  {number}: [{listed}]\n" for number, _ in enumerate(classes))
    pose = f"kpt_shape: [{len(keypoints)}, 3]\nkpt_names:\n{by_class}"
    description = yolo_files.description([*classes.values()], context)
    yield Chunk("data.yaml", f"{description}{pose}".encode())


def _lines(numbers: Mapping[int, int], shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a box; key points are drawn with their box, or not at all."""
    if not isinstance(shape.figure, Box):
        return Reason.NO_PARENT
    if not numbers.keys() >= {*shape.class_ids}:
        return Reason.UNKNOWN_LABEL
    if shape.figure.width == 0 or shape.figure.height == 0:
        return Reason.BAD_GEOMETRY  # key points on one line, without a box of their own
    box = yolo.box(shape.figure, image)
    if isinstance(box, Reason):
        return box
    behind = f"{box} {_keypoints(shape.keypoints)}"
    return [f"{numbers[class_id]} {behind}" for class_id in shape.class_ids]


def _keypoints(keypoints: Sequence[Point | None]) -> str:
    """x, y and 2 (labeled and visible) for each, or three zeros."""
    triples = [(p[0] / 100, p[1] / 100, 2) if p else (0.0, 0.0, 0) for p in keypoints]
    return " ".join([f"{x:.6f} {y:.6f} {visible}" for x, y, visible in triples])
