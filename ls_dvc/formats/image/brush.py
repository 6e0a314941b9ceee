"""BRUSH_TO_NUMPY and BRUSH_TO_PNG: one file for each brush mask, and a table of them.

A mask has the size of its image, 255 where the brush was and 0 where it was not. (What is stored is
alpha: a brush with soft edges has values between.)
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from ls_dvc.formats.image import drawing, images, masks, png
from ls_dvc.formats.image.drawing import ShapeWriter
from ls_dvc.formats.image.images import DrawnImage, Image
from ls_dvc.formats.image.shapes import SPACE, Mask, Shape
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, nothing
from ls_dvc.formats.media import extension_of
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.records import csv_tsv
from ls_dvc.io.filenames import LIMIT, UniqueNames, caseless, cut, split
from ls_dvc.labels.canonical import Annotation, Region
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of

COLUMNS = ("task", "image", "annotation", "region", "label", "mask")
_DIGITS = 9  # room in a file's name for the number that tells masks of one label apart


class MaskFile(NamedTuple):
    """A mask. `stem` is its file's name without extension; `packed` is small, but not the file."""

    stem: str
    annotation: int
    region: str
    labels: tuple[str, ...]
    packed: bytes


@dataclass(frozen=True)
class MaskFormat:
    """A format that differs from its brother in the kind of file.

    `pack` makes something small of alpha values, in `encode`, as thousands of full masks may be
    under way at once; `unpack` makes a file's content of that.
    """

    NAME: str
    SUMMARY: str
    extension: str
    pack: Callable[[bytes, Size], bytes]
    unpack: Callable[[bytes], bytes]
    FAST_PATH: None = None
    CONTENT: Any = list[tuple[Image, list[MaskFile]]]

    def check(self, context: FormatContext) -> None:
        """Needs an image to draw on."""
        images.check(context, self.NAME)

    def encode(self, selection: Selection, context: FormatContext) -> Encoded:
        """The pictures of a task, with the masks on them."""
        drawn = _Drawing(self, context.classes.names(SPACE), _sources(selection))
        return drawing.encode(selection, context, ShapeWriter(frozenset({Mask}), drawn.draw))

    def assemble(
        self, pieces: Iterable[list[DrawnImage]], context: FormatContext
    ) -> Iterator[Chunk]:
        """A file for each mask, and masks.csv; in a split <split>/ and masks-<split>.csv.

        The table has a row for each label of a mask. An image without any has a row with nothing
        but its task and address: somebody looked, and there is nothing on it. The pictures that
        come along are in images/, in a split images/<split>/; images.csv has their names.
        """
        folder = f"{context.split}/" if context.split else ""
        listing = f"masks-{context.split}.csv" if context.split else "masks.csv"
        pictures = _Pictures(context)
        yield Chunk(listing, csv_tsv.line(COLUMNS))
        for image, files in (each for piece in pieces for each in piece):
            yield from pictures.files(image)
            if not files:
                yield Chunk(listing, csv_tsv.line((image.task, image.address, "", "", "", "")))
            for each in files:
                path = f"{folder}{each.stem}{self.extension}"
                yield Chunk(path, self.unpack(each.packed), image.task)
                row = (image.task, image.address, each.annotation, each.region)
                for label in each.labels:
                    yield Chunk(listing, csv_tsv.line((*row, label, path)))

    def shared(self, context: FormatContext) -> Iterator[Chunk]:
        """Masks, and nothing else."""
        return nothing(context)


@dataclass
class _Pictures:
    """The pictures next to masks, and the table of them, which is there if one is."""

    context: FormatContext
    names: UniqueNames = field(default_factory=UniqueNames)
    are_listed: bool = False

    def files(self, image: Image) -> Iterator[Chunk]:
        """The picture of an image, if it comes along, and its row."""
        task, address, _, file = image
        if file is None:
            return
        suggested, extension = split(address, task)
        extension = extension_of(file, extension)
        stem = self.names.given(suggested, extension, task)
        part = self.context.split
        table = f"images-{part}.csv" if part else "images.csv"
        if not self.are_listed:
            self.are_listed = True
            yield Chunk(table, csv_tsv.line(("task", "image", "file_name")))
        folder = images.folder_of_pictures(self.context)
        yield Chunk(f"{folder}{stem}{extension}", b"", task, file)
        yield Chunk(table, csv_tsv.line((task, address, stem + extension)))


@dataclass(frozen=True)
class _Drawing:
    """The masks of one task. `taken` counts file names, which the task's id makes its own."""

    format: MaskFormat
    names: tuple[str, ...]
    sources: Mapping[int, tuple[Annotation, Region]]
    taken: Counter[str] = field(default_factory=Counter)

    def draw(self, shape: Shape, image: Image) -> list[MaskFile] | Reason:
        """The file of one mask."""
        if not isinstance(shape.figure, Mask):
            return Reason.UNSUPPORTED_TYPE
        if image.size is None:
            return Reason.NO_IMAGE_SIZE
        alpha = masks.alpha(shape.figure.value, image.size)
        if isinstance(alpha, Reason):
            return alpha
        if alpha.count(0) == len(alpha):
            return Reason.BAD_GEOMETRY
        annotation, region = self.sources[id(shape.figure.value)]
        labels = tuple(self.names[each] for each in shape.class_ids)
        stem = self._stem(image.task, annotation, control_of(region), labels)
        packed = self.format.pack(alpha, image.size)
        return [MaskFile(stem, annotation.get("id", 0), shape.region, labels, packed)]

    def _stem(self, task: int, annotation: Annotation, control: str, labels: Iterable[str]) -> str:
        """task-1-annotation-2-by-3-brush-Sky-0: the last number counts the same from 0.

        Names that are the same but for characters that not every system takes, or for case,
        count as the same, so no mask takes the place of another one.
        """
        number, author = annotation.get("id", 0), annotation.get("completed_by")
        by = () if author is None else ("by", str(author))
        parts = ("task", str(task), "annotation", str(number), *by, control, *labels)
        whole = _unfit().sub("-", "-".join(parts))
        stem = cut(whole, LIMIT - len(self.format.extension) - len("-") - _DIGITS)
        key = caseless(stem)
        self.taken[key] += 1
        return f"{stem}-{self.taken[key] - 1}"


@cache
def _unfit() -> re.Pattern[str]:
    """All but the letters that XML takes for names, digits, "_", "-" and ".". (Compiled late.)"""
    return re.compile(
        "[^-.0-9A-Z_a-z\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u203f-\u2040"
        "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd"
        "\U00010000-\U000effff]+"
    )


def _sources(selection: Selection) -> dict[int, tuple[Annotation, Region]]:
    """The annotation and region of each value, which is found by being the same object."""
    return {
        id(region["value"]): (annotation, region)
        for annotation in selection.annotations
        for region in annotation["result"]
        if isinstance(region, dict) and "value" in region
    }


def _pack_npy(alpha: bytes, size: Size) -> bytes:
    """A .npy file of version 1.0, with bytes in shape (height, width), compressed.

    How zlib does that is nobody's concern: it is undone before anything is written.
    """
    shape = f"({int(size.height)}, {int(size.width)})"
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    fixed = len(b"\x93NUMPY\1\0") + struct.calcsize("<H")
    padded = head + " " * (-(fixed + len(head) + 1) % 64) + "\n"
    start = b"\x93NUMPY\1\0" + struct.pack("<H", len(padded)) + padded.encode()
    return zlib.compress(start + alpha, 1)


def _pack_png(alpha: bytes, size: Size) -> bytes:
    return png.encode(alpha, int(size.width), int(size.height))


def _as_it_is(packed: bytes) -> bytes:
    return packed


NUMPY = MaskFormat(
    "BRUSH_TO_NUMPY", "A NumPy array for each brush mask", ".npy", _pack_npy, zlib.decompress
)
PNG = MaskFormat("BRUSH_TO_PNG", "A gray PNG for each brush mask", ".png", _pack_png, _as_it_is)
