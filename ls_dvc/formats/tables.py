"""CSV and TSV: one row for each labeled task, everything nested as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ls_dvc import canonical
from ls_dvc.formats import json_tasks, rows
from ls_dvc.formats.base import Chunk, Encoded, Project
from ls_dvc.select import Labels

BATCH = 1000  # rows in one chunk


@dataclass(frozen=True)
class Table:
    """A format that differs from its brothers in name, file and delimiter."""

    NAME: str
    SUMMARY: str
    path: str
    delimiter: str

    def check(self, project: Project) -> None:
        """Every project makes a table."""
        json_tasks.check(project)

    def encode(self, labels: Labels, project: Project) -> Encoded:
        """The row of a task."""
        return rows.encode(labels, project)

    def assemble(self, pieces: Iterable[Any], project: Project) -> Iterator[Chunk]:
        """A header line, then the rows; quoted as in RFC 4180, but for LF as line end."""
        names = rows.columns(project)
        out = io.StringIO()
        table = csv.writer(out, delimiter=self.delimiter, lineterminator="\n")
        table.writerow(names)
        for count, row in enumerate(pieces, start=1):
            table.writerow([cell(each) for each in rows.in_order(row, names)])
            if count % BATCH == 0:
                yield self._flushed(out)
        yield self._flushed(out)

    def _flushed(self, out: io.StringIO) -> Chunk:
        data = out.getvalue().encode(errors="replace")  # lone surrogates become question marks
        out.seek(0)
        out.truncate()
        return Chunk(self.path, data)


def cell(value: Any) -> str:
    """A value as text: nothing for None, text and numbers as they are, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical.text(value)


CSV = Table("CSV", "One row a labeled task, for pandas and spreadsheets", "result.csv", ",")
TSV = Table("TSV", "The same with tabs between the columns", "result.tsv", "\t")
