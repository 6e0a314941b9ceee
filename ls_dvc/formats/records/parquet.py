"""PARQUET: the records of JSONL in a Parquet file. The only module that imports pyarrow.

The bytes are those of one version of pyarrow, which the file names; another one may lay the same
table out in another way. No compression: what comes out of a compressor depends on how it was
built, and on the processor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, TableFiles, documents
from ls_dvc.formats.records import flat
from ls_dvc.formats.records.columns import (
    BOOLEAN,
    COLUMNS,
    INTEGER,
    NUMBER,
    NUMBERS,
    POINTS,
    TEXT,
    TEXTS,
    Columns,
)
from ls_dvc.labels.policy import Selection

NAME = "PARQUET"
SUMMARY = "The records of JSONL in one Parquet file; needs pyarrow (the extra `parquet`)"
FAST_PATH = None
CONTENT = None
ROWS = 10_000  # in a row group, at most
CHARACTERS = 1 << 24  # of sources and values in a row group, about: masks are long


def check(context: FormatContext) -> None:  # noqa: ARG001
    """Every project makes a table; `LsDvcError` without pyarrow."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise LsDvcError(
            f"{NAME} needs pyarrow, which is not installed", "`pip install 'ls-dvc[parquet]'`"
        ) from error


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The records of a task."""
    return flat.encode(selection, context)


def assemble(pieces: Pieces[list[Columns]], context: FormatContext) -> Iterator[Chunk]:
    """result.parquet; one row group is in memory at a time."""
    for path, some in documents(pieces, context, "result.parquet"):
        yield from _table(path, some)


def table(context: FormatContext) -> TableFiles:  # noqa: ARG001
    """The files know the types of their columns."""
    return TableFiles("result.parquet")


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)


def _table(path: str, pieces: Iterable[list[Columns]]) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, sink = _schema(pa), _Sink()
    with pq.ParquetWriter(
        sink, schema, compression="NONE", store_schema=False, version="2.6", data_page_version="1.0"
    ) as writer:
        for group in _groups(record for piece in pieces for record in piece):
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema))
            yield Chunk(path, sink.drained())
    yield Chunk(path, sink.drained())


class _Sink:
    """A file to write to that gives away what was written so far."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._position += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Everything lies in memory."""

    def close(self) -> None:
        self.closed = True

    def drained(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _groups(records: Iterable[Columns]) -> Iterator[list[Columns]]:
    """Records in row groups; where one ends depends on nothing but the records."""
    group, characters = list[Columns](), 0
    for record in records:
        group.append(record)
        characters += len(record["source"] or "") + len(record["value"] or "")
        if len(group) == ROWS or characters >= CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _schema(pa: Any) -> Any:
    types = {
        INTEGER: pa.int64(),
        NUMBER: pa.float64(),
        BOOLEAN: pa.bool_(),
        TEXT: pa.string(),
        TEXTS: pa.list_(pa.string()),
        NUMBERS: pa.list_(pa.float64()),
        POINTS: pa.list_(pa.list_(pa.float64())),
    }
    return pa.schema([(each.name, types[each.kind]) for each in COLUMNS])
