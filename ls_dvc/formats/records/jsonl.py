"""JSONL: one flat record a line, for whatever reads files line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, TableFiles, documents
from ls_dvc.formats.records import flat, json_tasks
from ls_dvc.formats.records.columns import CARD_TYPES, COLUMNS, Columns
from ls_dvc.io import canonical_json
from ls_dvc.labels.policy import Selection

NAME = "JSONL"
SUMMARY = "One flat JSON record a region and line, every column in every record"
FAST_PATH = None
CONTENT = bytes

check = json_tasks.check


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task; keys in the order of `flat.COLUMNS`, what matters most in front."""
    encoded = flat.encode(selection, context)
    return encoded._replace(content=b"".join(map(_line, encoded.content or ())))


def assemble(pieces: Pieces[bytes], context: FormatContext) -> Iterator[Chunk]:
    """result.jsonl, sorted by task id; there without a line where nothing counts."""
    for path, some in documents(pieces, context, "result.jsonl"):
        yield Chunk(path, b"")
        for piece in some:
            yield Chunk(path, piece)


def table(context: FormatContext) -> TableFiles:  # noqa: ARG001
    """The columns with their types."""
    return TableFiles("result.jsonl", {each.name: CARD_TYPES[each.kind] for each in COLUMNS})


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)


def _line(record: Columns) -> bytes:
    return canonical_json.unbroken(_ENCODER.encode(record).encode()) + b"\n"


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
