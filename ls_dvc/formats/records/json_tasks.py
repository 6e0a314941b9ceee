"""JSON: every task with every annotation and prediction, as Label Studio imports it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, TableFiles, documents
from ls_dvc.formats.outcomes import Reason, all_for
from ls_dvc.io import canonical_json
from ls_dvc.labels.policy import ExclusionReason, Selection

NAME = "JSON"
SUMMARY = "Label Studio's own form, whole: goes back in through Import"
FAST_PATH = None
CONTENT = bytes

_JSON_COLUMNS = ("data", "meta", "annotations", "predictions")


def check(context: FormatContext) -> None:
    """Every project has tasks."""


def encode(selection: Selection, context: FormatContext) -> Encoded:  # noqa: ARG001
    """The canonical task as it is: no annotation is chosen, nothing is lost but by a filter."""
    if selection.reason is ExclusionReason.FILTERED:
        return Encoded(None, Reason.FILTERED, all_for(selection, Reason.FILTERED))
    return Encoded(
        canonical_json.line(selection.task).rstrip(b"\n"), None, (), all_annotations=True
    )


def assemble(pieces: Pieces[bytes], context: FormatContext) -> Iterator[Chunk]:
    """result.json: a list with one task a line."""
    for path, some in documents(pieces, context, "result.json"):
        yield from records(path, some)


def table(context: FormatContext) -> TableFiles:  # noqa: ARG001
    """Tasks as rows; all that is nested is JSON."""
    columns = {"id": "int64", "inner_id": "int64", "created_at": "string"}
    return TableFiles("result.json", {**columns, **dict.fromkeys(_JSON_COLUMNS, "json")})


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)


def records(path: str, pieces: Iterable[bytes]) -> Iterator[Chunk]:
    """A JSON list with one record a line, so that a diff shows records."""
    separator = b"[\n"
    for piece in pieces:
        yield Chunk(path, separator + piece)
        separator = b",\n"
    yield Chunk(path, b"[]\n" if separator == b"[\n" else b"\n]\n")
