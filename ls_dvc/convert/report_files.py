"""Reports over a conversion: counts for `dvc metrics`, a table for `dvc plots`, the ledger."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ls_dvc.convert.dataset_folder import FormatSummary
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.convert.ledger import Ledger
from ls_dvc.io import canonical_json

SERVER = "server"  # wrote a format, and gives no account of it
_NONE: Mapping[str, FormatSummary] = MappingProxyType({})


def labels(
    survey: LabelCounts, ledgers: Mapping[str, Ledger], served: Mapping[str, FormatSummary] = _NONE
) -> bytes:
    """`labels.json`: tasks by state, regions by label, and what each format wrote and dropped.

    Of a format that the server wrote it says how many files and bytes these are, and no more.
    """
    counts: dict[str, dict[str, int]] = {}
    for (control, label), regions in sorted(survey.labels.items()):
        counts.setdefault(control, {})[label] = regions
    return canonical_json.document(
        {
            "tasks": {"total": sum(survey.states.values()), **survey.states_document()},
            "annotations": survey.annotations,
            "annotations_skipped": survey.skipped_annotations,
            "predictions": survey.predictions,
            "regions": survey.regions,
            "labels": counts,
            **({"splits": dict(survey.splits)} if survey.splits else {}),
            "formats": {
                **{name: ledger.totals() for name, ledger in ledgers.items()},
                **{
                    name: {"engine": SERVER, "files": each.files, "bytes": each.bytes}
                    for name, each in served.items()
                },
            },
        }
    )


def classes(survey: LabelCounts, configured: Iterable[tuple[str, str]]) -> bytes:
    """`classes.csv`: a row for each label, with the regions and the tasks that have it.

    Labels of the config that nobody used yet have a row of zeros.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("control", "label", "regions", "tasks"))
    for pair in sorted({*configured, *survey.labels}):
        row = (*pair, survey.labels[pair], survey.labeled_tasks[pair])
        table.writerow([str(each).encode(errors="replace").decode() for each in row])
    return out.getvalue().encode()


def ledger(ledgers: Mapping[str, Ledger], served: Iterable[str] = ()) -> Iterator[bytes]:
    """`ledger.json` in pieces: for each format, everything that was not written, one a line.

    For a format that the server wrote it is not known; it says so in place of a list.
    """
    yield b"{"
    for index, (name, entry) in enumerate(sorted(ledgers.items())):
        yield b"," * bool(index) + b"\n" + canonical_json.text(name).encode() + b": ["
        for place, drop in enumerate(entry.drops):
            document: Any = drop.document()
            yield b"," * bool(place) + b"\n" + canonical_json.line(document).rstrip(b"\n")
        yield b"\n]"
    for index, name in enumerate(sorted(served), len(ledgers)):
        yield b"," * bool(index) + b"\n" + canonical_json.text(name).encode() + b": "
        yield canonical_json.line({"engine": SERVER, "account": None}).rstrip(b"\n")
    yield b"\n}\n"
