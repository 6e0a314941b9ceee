"""CSV and TSV: one row for each labeled task, everything nested as JSON.

result.csv
segments/result.csv      a row for each segment in time, where the label config has such
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

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
from ls_dvc.formats.records import fast_rows, json_tasks, rows, segments
from ls_dvc.formats.records.fast_rows import FastRowTask
from ls_dvc.io import canonical_json
from ls_dvc.labels.policy import Selection


class TableRows(NamedTuple):
    """The lines of a task in the table of tasks, and in that of segments."""

    rows: bytes
    segments: bytes = b""


@dataclass(frozen=True)
class DelimitedFormat:
    """CSV or TSV, which differ in name, file and delimiter."""

    NAME: str
    SUMMARY: str
    path: str
    delimiter: str

    @property
    def FAST_PATH(self) -> FastPath:  # noqa: N802
        """Tasks with one annotation are decoded into structs."""
        return FastPath(fast_rows.read, self.encode_fast, fast_rows.measure)

    CONTENT: Any = None

    def check(self, context: FormatContext) -> None:
        """Every project makes a table."""
        json_tasks.check(context)

    def encode(self, selection: Selection, context: FormatContext) -> Encoded:
        """The rows of a task, quoted as in RFC 4180, but for LF as line end."""
        encoded = rows.encode(selection, context)
        lines = [self._line(row, context) for row in encoded.content or ()]
        in_time = [self._cells(row) for row in segments.rows_of(selection, context)]
        return encoded._replace(content=TableRows(b"".join(lines), b"".join(in_time)))

    def encode_fast(self, task: FastRowTask, context: FormatContext) -> Encoded | None:
        """The same of a task with one annotation; None where only `encode` can write it."""
        row = None if segments.is_needed(context) else rows.of_fast_task(task, context)
        if row is None:
            return None
        return written(TableRows(self._line(row, context)), len(task.regions))

    def _line(self, row: Mapping[str, Any], context: FormatContext) -> bytes:
        return self._cells([row.get(name) for name in rows.columns(context)])

    def _cells(self, values: Iterable[Any]) -> bytes:
        return line([cell(value) for value in values], self.delimiter)

    def assemble(self, pieces: Pieces[TableRows], context: FormatContext) -> Iterator[Chunk]:
        """A header line, then the rows; segments likewise, in a folder of their own."""
        head, is_in_time = line(rows.columns(context), self.delimiter), segments.is_needed(context)
        for path, tasks in documents(pieces, context, self.path):
            yield Chunk(path, head)
            in_time = f"{segments.FOLDER}/{path}"
            if is_in_time:
                yield Chunk(in_time, line(segments.COLUMNS, self.delimiter))
            for task in tasks:
                yield Chunk(path, task.rows)
                if task.segments:
                    yield Chunk(in_time, task.segments)

    def table(self, context: FormatContext) -> TableFiles:
        """Data and controls as text; nothing but an empty cell is null."""
        options = {"sep": self.delimiter, "keep_default_na": False, "na_values": [""]}
        return TableFiles(self.path, rows.column_types(context, "string"), options)

    def shared(self, context: FormatContext) -> Iterator[Chunk]:
        """The card for `load_dataset`."""
        return dataset_card.chunks(self.NAME, self.table(context), context)


def cell(value: Any) -> str:
    """A value as text: nothing for None, text and numbers as they are, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical_json.text(value)


def line(cells: Iterable[object], delimiter: str = ",") -> bytes:
    """One row. Only cells that need it are quoted.

    Not by the csv module, which before Python 3.13 leaves a lone carriage return bare: readers
    take it for the end of the row, and the bytes would depend on the Python.
    """
    quoted = [_quoted(str(each), delimiter) for each in cells]
    return f"{delimiter.join(quoted)}\n".encode(errors="backslashreplace")  # lone surrogates


def _quoted(text: str, delimiter: str) -> str:
    if delimiter in text or '"' in text or "\r" in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


CSV = DelimitedFormat(
    "CSV", "One row a labeled task, for pandas and spreadsheets", "result.csv", ","
)
TSV = DelimitedFormat("TSV", "The same with tabs between the columns", "result.tsv", "\t")
