"""BRUSH_TO_COCO: what COCO writes of brush masks, without any other shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ls_dvc.formats import coco, images
from ls_dvc.formats.base import Chunk, Encoded, Pieces, Project, nothing
from ls_dvc.formats.coco import Piece
from ls_dvc.formats.images import Mask, Pen
from ls_dvc.select import Labels

NAME = "BRUSH_TO_COCO"
SUMMARY = "COCO with brush masks alone, run-length encoded"

shared = nothing


def check(project: Project) -> None:
    """Needs an image to draw on."""
    images.check(project, NAME)


def encode(labels: Labels, project: Project) -> Encoded:
    """The pictures of a task, as pieces of COCO's document."""
    return coco.pieces_of(images.encode(labels, project, _PEN))


def assemble(pieces: Pieces[list[Piece]], project: Project) -> Iterator[Chunk]:
    """COCO's document, in which no category has key points, as no annotation does."""
    bare = replace(project, config=replace(project.config, controls={}))
    yield from coco.assemble(pieces, bare)


_PEN = Pen(frozenset({Mask}), coco.draw)
