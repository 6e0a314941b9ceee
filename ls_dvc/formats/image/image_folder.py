"""IMAGE_FOLDER: answers about images, as `load_dataset("imagefolder")` of Hugging Face reads them.

    train/metadata.jsonl   {"address":"…","file_name":"a.jpg","kind":"Cat","tags":["x"],"task":7}

A line for each image that was looked at, with a column for each control that asks about the whole
image. The image belongs next to metadata.jsonl, under its `file_name`; it was at `address`, and is
there where media come along. Without splits there is one metadata.jsonl; with
`layout: shards` one in a folder for each shard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import dataset_card
from ls_dvc.formats.image import image_answers, images
from ls_dvc.formats.image.image_answers import AnswerColumn
from ls_dvc.formats.interface import Chunk, ColumnType, Encoded, FormatContext, Pieces
from ls_dvc.formats.media import extension_of
from ls_dvc.formats.outcomes import all_for, outcome_of_unwritten, reason_without_media
from ls_dvc.io import canonical_json
from ls_dvc.io.filenames import UniqueNames, split
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.policy import Selection

NAME = "IMAGE_FOLDER"
SUMMARY = "A line an image with every answer about it, for Hugging Face's imagefolder"
FAST_PATH = None
CONTENT = None
PATH = "metadata.jsonl"
FIXED: Mapping[str, ColumnType] = {"file_name": "string", "task": "int64", "address": "string"}
# `imagefolder` knows these splits by the names of their folders, others by a card.
_FOLDERS = {"training": "train", "val": "validation", "valid": "validation", "testing": "test"}


class ImageRow(NamedTuple):
    """A line of metadata.jsonl without its file name, for which there are suggestions."""

    task: int
    stem: str
    extension: str
    cells: dict[str, Any]
    file: MediaFile | None


def check(context: FormatContext) -> None:
    """Needs a control that asks about a whole image."""
    if not columns(context):
        raise LsDvcError(
            f"{NAME} needs an <Image> with Choices, Taxonomy, Rating, Number, DateTime or "
            "TextArea; the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml",
        )


@lru_cache(maxsize=8)
def columns(context: FormatContext) -> Mapping[str, AnswerColumn]:
    """The column of each control of the config that asks about images, by the control's name."""
    return image_answers.columns(context, {*FIXED, "image"})


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The rows of a task: one for each of its images.

    Of several answers to one question the latest is written, except where a cell is a list.
    """
    reason = outcome_of_unwritten(selection)
    data = selection.task.get("data")
    addresses = images.addresses_of(data, context.config) if isinstance(data, dict) else {}
    if reason or not addresses:
        reason = reason or reason_without_media(selection, context.config)
        return Encoded(None, reason, all_for(selection, reason))
    answered = image_answers.answered(selection, columns(context), addresses, context)
    task = selection.task["id"]
    rows = [
        _row(task, addresses[key], {**cells, "address": addresses[key]}, context)
        for key, cells in answered.cells.items()
    ]
    reason = None if rows else next(iter(answered.absent.values()))
    return Encoded(rows, reason, answered.outcomes, in_part=answered.in_part)


def _row(task: int, address: str, cells: dict[str, Any], context: FormatContext) -> ImageRow:
    entry = context.media_of(address)
    file = entry.file if entry else None
    stem, extension = split(address, task)
    return ImageRow(task, stem, extension_of(file, extension), cells, file)


def assemble(pieces: Pieces[list[ImageRow]], context: FormatContext) -> Iterator[Chunk]:
    """metadata.jsonl, in a folder for each split and shard."""
    names, folder = UniqueNames(), folder_of(context.split, context)
    path = ""
    for start, shard in pieces.by_shard():
        path = _path(folder, start, context)
        for rows in shard:
            for row in rows:
                name = names.given(row.stem, row.extension, row.task) + row.extension
                line = {**row.cells, "file_name": name, "task": row.task}
                yield Chunk(path, canonical_json.unbroken(canonical_json.line(line)))
                if row.file is not None:
                    yield Chunk(path.removesuffix(PATH) + name, b"", row.task, row.file)
    if not path:
        yield Chunk(_path(folder, 0, context), b"")


def _path(folder: str, start: int, context: FormatContext) -> str:
    return f"{folder}{start:010d}/{PATH}" if context.sharded else f"{folder}{PATH}"


def folder_of(split_name: str, context: FormatContext) -> str:
    """The folder of a split, with a slash: the name by which `imagefolder` knows the split."""
    folder = _FOLDERS.get(split_name.lower(), split_name)
    if folder != split_name and folder in context.splits:
        folder = split_name
    return f"{folder}/" if folder else ""


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card that names the splits and the types of the columns."""
    if context.filled_splits:
        types = {column.name: column.cell for column in columns(context).values()}
        features = {"image": "image", **FIXED, **types}
        del features["file_name"]  # `imagefolder` puts the image in its place
        folders = [folder_of(name, context) for name in context.filled_splits]
        patterns = {folder.rstrip("/"): f"{folder}**" for folder in folders}
        yield Chunk(dataset_card.PATH, dataset_card.of_patterns(NAME, patterns, features).encode())
