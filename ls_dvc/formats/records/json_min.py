"""JSON_MIN: one flat record for each labeled task."""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import (
    Chunk,
    Encoded,
    FastPath,
    FormatContext,
    Pieces,
    TableFiles,
    documents,
    written,
)
from ls_dvc.formats.records import fast_rows, json_tasks, rows
from ls_dvc.formats.records.fast_rows import FastRowTask
from ls_dvc.io import canonical_json
from ls_dvc.labels.policy import Selection

NAME = "JSON_MIN"
SUMMARY = "One flat JSON record a labeled task: its data, and the labels by control"

check = json_tasks.check


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The rows of a task as JSON."""
    encoded = rows.encode(selection, context)
    lines = [canonical_json.line(row).rstrip(b"\n") for row in encoded.content or ()]
    return encoded._replace(content=b",\n".join(lines))


def encode_fast(task: FastRowTask, context: FormatContext) -> Encoded | None:
    """The same of a task with one annotation; None where only `encode` can write it."""
    row = rows.of_fast_task(task, context)
    return written(canonical_json.encoded(row), len(task.regions)) if row else None


FAST_PATH = FastPath(fast_rows.read, encode_fast, fast_rows.measure)
CONTENT = bytes


def assemble(pieces: Pieces[bytes], context: FormatContext) -> Iterator[Chunk]:
    """result.json: a list with one record a line."""
    for path, some in documents(pieces, context, "result.json"):
        yield from json_tasks.records(path, some)


def table(context: FormatContext) -> TableFiles:
    """Data and controls as JSON: one column may hold text, numbers and lists."""
    return TableFiles("result.json", rows.column_types(context, "json"))


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)
