"""The report files: counts for `dvc metrics`, a table for `dvc plots`, the ledger."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

from ls_dvc.convert.dataset_folder import FormatSummary
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.convert.ledger import Ledger
from ls_dvc.io import canonical_json

_COLUMNS = ("control", "label", "regions", "tasks")
SERVER = "server"  # the engine of a format for which there is no ledger
_NONE: Mapping[str, FormatSummary] = MappingProxyType({})


LABELS, CLASSES, LEDGER = "labels.json", "classes.csv", "ledger.json"


@dataclass(frozen=True)
class LedgerReport:
    """`ledger.json` in pieces, as often as it is asked for: a large one need not be in memory."""

    ledgers: Mapping[str, Ledger]
    served: Mapping[str, FormatSummary]

    def __iter__(self) -> Iterator[bytes]:
        return ledger(self.ledgers, self.served)


Report = bytes | LedgerReport


def pieces(report: Report) -> Iterable[bytes]:
    """The content of a report file."""
    return [report] if isinstance(report, bytes) else report


def digest(report: Report) -> str:
    """The SHA-256 of a report file, in hexadecimal."""
    sha256 = hashlib.sha256()
    for piece in pieces(report):
        sha256.update(piece)
    return sha256.hexdigest()


def all_of(
    counts: LabelCounts,
    configured: Iterable[tuple[str, str]],
    ledgers: Mapping[str, Ledger],
    served: Mapping[str, FormatSummary],
) -> dict[str, Report]:
    """The report files by name."""
    return {
        LABELS: labels(counts, ledgers, served),
        CLASSES: classes(counts, configured),
        LEDGER: LedgerReport(ledgers, served),
    }


def labels(
    counts: LabelCounts, ledgers: Mapping[str, Ledger], served: Mapping[str, FormatSummary] = _NONE
) -> bytes:
    """`labels.json`: tasks by state, regions by label, and what each format wrote and dropped.

    Formats written by the server have no ledger: only their files and bytes are counted.
    """
    by_control: dict[str, dict[str, int]] = {}
    for (control, label), regions in sorted(counts.labels.items()):
        by_control.setdefault(control, {})[label] = regions
    return canonical_json.document(
        {
            "tasks": {"total": sum(counts.states.values()), **counts.states_document()},
            "annotations": counts.annotations,
            "annotations_skipped": counts.skipped_annotations,
            "predictions": counts.predictions,
            "regions": counts.regions,
            "labels": by_control,
            **({"splits": dict(counts.splits)} if counts.splits else {}),
            "formats": {
                **{name: entry.totals() for name, entry in ledgers.items()},
                **{
                    name: {"engine": SERVER, "files": summary.files, "bytes": summary.bytes}
                    for name, summary in served.items()
                },
            },
        }
    )


def classes(counts: LabelCounts, configured: Iterable[tuple[str, str]]) -> bytes:
    """`classes.csv`: a row for each label: regions with it, and tasks with such a region.

    Labels of the config that are not used yet have a row of zeros.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    for pair in sorted({*configured, *counts.labels}):
        row = (*pair, counts.labels[pair], counts.labeled_tasks[pair])
        table.writerow([str(cell).encode(errors="replace").decode() for cell in row])
    return out.getvalue().encode()


def ledger(ledgers: Mapping[str, Ledger], served: Iterable[str] = ()) -> Iterator[bytes]:
    """`ledger.json` in pieces: for each format everything that was not written, one entry a line.

    Regions that are written without something come last, with `written`. For formats written by
    the server nothing of this is known, which stands in place of the list.
    """
    yield b"{"
    for index, (name, of_format) in enumerate(sorted(ledgers.items())):
        yield b"," * bool(index) + b"\n" + canonical_json.text(name).encode() + b": ["
        for number, entry in enumerate(chain(of_format.entries, of_format.in_part)):
            document: Any = entry.document()
            yield b"," * bool(number) + b"\n" + canonical_json.line(document).rstrip(b"\n")
        yield b"\n]"
    for index, name in enumerate(sorted(served), len(ledgers)):
        yield b"," * bool(index) + b"\n" + canonical_json.text(name).encode() + b": "
        yield canonical_json.line({"engine": SERVER, "account": None}).rstrip(b"\n")
    yield b"\n}\n"


START = 1 << 16  # bytes at the beginning of a report that show what it is
_LABELS = re.compile(rb'^  "annotations": \d.*^  "formats": \{', re.MULTILINE | re.DOTALL)
_LEDGER = re.compile(rb'\{\n(\}\n|"[A-Z][A-Z0-9_]*": (\[\n|\{"account"))')


def is_labels(start: bytes) -> bool:
    """Whether a file that begins so is a `labels.json`, if with the marks of a merge conflict."""
    return _LABELS.search(start) is not None


def is_classes(start: bytes) -> bool:
    """Whether a file that begins so is a `classes.csv`."""
    return ",".join(_COLUMNS).encode() in start.splitlines()[:2]


def is_ledger(start: bytes) -> bool:
    """Whether a file that begins so is a `ledger.json`."""
    return _LEDGER.match(start) is not None
