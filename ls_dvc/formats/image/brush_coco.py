"""BRUSH_TO_COCO: what COCO writes of brush masks, without any other shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ls_dvc.formats.image import coco, images
from ls_dvc.formats.image.coco import Piece
from ls_dvc.formats.image.images import Mask, ShapeWriter
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, nothing
from ls_dvc.labels.policy import Selection

NAME = "BRUSH_TO_COCO"
SUMMARY = "COCO with brush masks alone, run-length encoded"
FAST_PATH = None

shared = nothing


def check(context: FormatContext) -> None:
    """Needs an image to draw on."""
    images.check(context, NAME)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The pictures of a task, as pieces of COCO's document."""
    return coco.pieces_of(images.encode(selection, context, _WRITER))


def assemble(pieces: Pieces[list[Piece]], context: FormatContext) -> Iterator[Chunk]:
    """COCO's document, in which no category has key points, as no annotation does."""
    bare = replace(context, config=replace(context.config, controls={}))
    yield from coco.assemble(pieces, bare)


_WRITER = ShapeWriter(frozenset({Mask}), coco.draw)
