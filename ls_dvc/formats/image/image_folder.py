"""IMAGE_FOLDER: answers about images, as `load_dataset("imagefolder")` of Hugging Face reads them.

    train/metadata.jsonl   {"address":"…","file_name":"a.jpg","kind":"Cat","tags":["x"],"task":7}

A line for each image that was looked at, with a column for each control that asks about the whole
image. The image belongs next to metadata.jsonl, under its `file_name`; it is now at `address`.
Without splits there is one metadata.jsonl; with `layout: shards` one in a folder for each shard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import dataset_card
from ls_dvc.formats.image import images
from ls_dvc.formats.image.shapes import SPACE, ImageKey, image_of
from ls_dvc.formats.interface import Chunk, ColumnType, Encoded, FormatContext, Pieces
from ls_dvc.formats.outcomes import (
    Outcome,
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.formats.records.answers import ANSWER_KEYS, has_shape
from ls_dvc.io import canonical_json
from ls_dvc.io.filenames import UniqueNames, split
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import Control
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of

NAME = "IMAGE_FOLDER"
SUMMARY = "A line an image with every answer about it, for Hugging Face's imagefolder"
FAST_PATH = None
PATH = "metadata.jsonl"
FIXED: Mapping[str, ColumnType] = {"file_name": "string", "task": "int64", "address": "string"}
# `imagefolder` knows these splits by the names of their folders, others by a card.
_FOLDERS = {"training": "train", "val": "validation", "valid": "validation", "testing": "test"}
_TEXTS = ["string"]
# The column of each control that answers, and the type of its regions.
_TYPES: Mapping[str, tuple[str, ColumnType]] = {
    "Choices": ("choices", "string"),
    "Taxonomy": ("taxonomy", [_TEXTS]),
    "Rating": ("rating", "int64"),
    "Number": ("number", "float64"),
    "DateTime": ("datetime", "string"),
    "TextArea": ("textarea", _TEXTS),
}


class AnswerColumn(NamedTuple):
    """The column of a control: its name, the type of the control's regions, that of its cells."""

    name: str
    region_type: str
    cell: ColumnType


class ImageRow(NamedTuple):
    """A line of metadata.jsonl without its file name, for which there are suggestions."""

    task: int
    stem: str
    extension: str
    cells: dict[str, Any]


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
    config, taken = context.config, {*FIXED, "image"}
    by_control = {}
    for name, control in config.controls.items():
        if control.tag in _TYPES and config.space_of(control) == SPACE:
            column = name
            while column in taken:
                column = f"control.{column}"
            taken.add(column)
            region_type, cell = _TYPES[control.tag]
            cell = _TEXTS if _is_list(control) else cell
            by_control[name] = AnswerColumn(column, region_type, cell)
    return by_control


def _is_list(control: Control) -> bool:
    return control.tag == "Choices" and control.takes_several


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
    cells = {key: _empty_cells(context) for key in addresses}
    outcomes: list[Outcome] = [None] * len(selection.regions)
    in_part = []
    for index in reversed(range(len(selection.regions))):
        outcomes[index] = outcome = _answer(selection.regions[index], cells, context)
        if outcome is Reason.SEVERAL_LABELS:
            outcomes[index] = None
            in_part.append((index, outcome))
    outcomes = with_unresolved(outcomes, selection.regions, selection, context.config)
    task = selection.task["id"]
    rows = [
        ImageRow(task, *split(address, task), {**cells[key], "address": address})
        for key, address in addresses.items()
    ]
    return Encoded(rows, None, outcomes, in_part=tuple(sorted(in_part)))


def _empty_cells(context: FormatContext) -> dict[str, Any]:
    return {
        column.name: [] if isinstance(column.cell, list) else None
        for column in columns(context).values()
    }


def _answer(
    region: Region, cells: Mapping[ImageKey, dict[str, Any]], context: FormatContext
) -> Outcome:
    """Put the answer of a region into its cell; `SEVERAL_LABELS` when only its first is in it."""
    if not isinstance(region, dict):
        return Reason.MALFORMED
    read = _read(region, context)
    if isinstance(read, Reason):
        return read
    column, answers = read
    row = cells.get(image_of(region, context.config) or ("", 0))
    if row is None:
        return Reason.NO_MEDIA
    if isinstance(column.cell, list):
        row[column.name] = [*answers, *row[column.name]]
        return None
    if row[column.name] is not None:
        return Reason.DUPLICATE
    row[column.name] = answers[0]
    return Reason.SEVERAL_LABELS if len(answers) > 1 else None


def _read(
    region: Mapping[str, Any], context: FormatContext
) -> tuple[AnswerColumn, list[Any]] | Reason:
    """The column of a region and its answers, of which there is at least one."""
    kind, value = region.get("type"), region.get("value")
    if kind == "relation":
        return Reason.RELATION
    column = columns(context).get(context.config.declared_control(control_of(region)))
    if column is None or kind != column.region_type:
        return Reason.UNSUPPORTED_TYPE
    if not isinstance(value, dict):
        return Reason.MALFORMED
    if has_shape(value):
        return Reason.UNSUPPORTED_TYPE  # an answer about a region on the image
    answers = _answers(value.get(ANSWER_KEYS[column.region_type]), column)
    return (column, answers) if answers else Reason.MALFORMED


def _answers(value: Any, column: AnswerColumn) -> list[Any]:
    """The answers in a value as items of the column's cell type; empty when it is none."""
    item = column.cell[0] if isinstance(column.cell, list) else column.cell
    listed = value if isinstance(value, list) else [value]
    if column.region_type == "taxonomy" and listed and all(isinstance(x, str) for x in listed):
        listed = [listed]  # older versions stored a single path as it is
    read = [_READERS[str(item) if isinstance(item, str) else "texts"](each) for each in listed]
    return [] if any(each is None for each in read) else read


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 2**63 else None


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and abs(value) < 1e300 else None


def _texts(value: Any) -> list[str] | None:
    is_texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if is_texts else None


_READERS = {"string": _text, "int64": _whole, "float64": _number, "texts": _texts}


def assemble(pieces: Pieces[list[ImageRow]], context: FormatContext) -> Iterator[Chunk]:
    """metadata.jsonl, in a folder for each split and shard."""
    names, folder = UniqueNames(), folder_of(context.split, context)
    path = ""
    for start, shard in pieces.by_shard():
        path = _path(folder, start, context)
        for rows in shard:
            for row in rows:
                stem = names.given(row.stem, row.extension, row.task)
                line = {**row.cells, "file_name": stem + row.extension, "task": row.task}
                yield Chunk(path, canonical_json.unbroken(canonical_json.line(line)))
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
