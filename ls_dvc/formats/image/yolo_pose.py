"""YOLO_POSE: boxes with their key points in fractions of the image.

Every line has as many joints as there are key point labels, in the order of their class ids; those
of a box that nobody placed are three zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import images, outlines, shapes, yolo, yolo_files
from ls_dvc.formats.image.images import SPACE, Image, Shape, ShapeWriter
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.geometry import Box, Point
from ls_dvc.labels.policy import Selection

NAME = "YOLO_POSE"
SUMMARY = "Upright boxes with the key points that belong to them, a text file an image"
FAST_PATH = None

assemble = yolo_files.assemble


def check(context: FormatContext) -> None:
    """Needs an image to draw on, and key point labels."""
    yolo_files.check(context, NAME)
    if not shapes.keypoint_ids(context):
        raise LsDvcError(
            f"{NAME} needs <KeyPointLabels> with labels; the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml",
        )


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The label files of a task."""
    return yolo_files.label_files(images.encode(selection, context, _WRITER))


def shared(context: FormatContext) -> Iterator[Chunk]:
    """classes.txt and data.yaml, which has the joints' names, as its readers want, by class."""
    names, joints = context.classes.names(SPACE), shapes.keypoint_ids(context)
    yield yolo_files.class_list(names)
    listed = ", ".join(yolo_files.quoted(names[each]) for each in joints)
    by_class = "".join(f"  {number}: [{listed}]\n" for number, _ in enumerate(names))
    pose = f"kpt_shape: [{len(joints)}, 3]\nkpt_names:\n{by_class}"
    yield Chunk("data.yaml", f"{yolo_files.description(names, context)}{pose}".encode())


def _lines(shape: Shape, image: Image) -> list[str] | Reason:
    """A line for each label of a box; key points are drawn with their box, or not at all."""
    if not isinstance(shape.figure, Box):
        return Reason.NO_PARENT
    numbers = yolo.box(shape.figure, image)
    if isinstance(numbers, Reason):
        return numbers
    return yolo.for_each_label(shape, f"{numbers} {_joints(shape.keypoints)}")


def _joints(joints: Sequence[Point | None]) -> str:
    """x, y and 2 (labeled and visible) for each, or three zeros."""
    placed = [(each[0] / 100, each[1] / 100, 2) if each else (0.0, 0.0, 0) for each in joints]
    return " ".join([f"{x:.6f} {y:.6f} {visible}" for x, y, visible in placed])


_WRITER = ShapeWriter(frozenset({Box}), _lines, outlines.keypoint_outcome)
