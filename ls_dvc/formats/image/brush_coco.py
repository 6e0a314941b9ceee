"""BRUSH_TO_COCO: what COCO writes of brush masks, without any other shapes."""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.formats.image import coco, drawing, images
from ls_dvc.formats.image.coco import EncodedImage
from ls_dvc.formats.image.shapes import Mask
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, nothing
from ls_dvc.labels.policy import Selection

NAME = "BRUSH_TO_COCO"
SUMMARY = "COCO with brush masks alone, run-length encoded"
FAST_PATH = None
CONTENT = list[EncodedImage]

shared = nothing


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The images of a task, encoded."""
    writer = coco.writer(context, _MASKS)._replace(keypoint_outcome=None)
    return coco.encoded_images(drawing.encode(selection, context, writer))


def assemble(pieces: Pieces[list[EncodedImage]], context: FormatContext) -> Iterator[Chunk]:
    """COCO's document, in which no category has key points, as no annotation does."""
    return coco.files(pieces, context, keypoint_ids=())


_MASKS: frozenset[type] = frozenset({Mask})
