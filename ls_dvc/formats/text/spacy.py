"""SPACY: one JSON line for each text, with character offsets as Python and spaCy count them.

    {"cats":{"Bad":0.0,"Good":1.0},"id":7,"spans":[{"end":5,"label":"PER","start":0}],"text":"…"}

Spans may overlap, as spaCy's `doc.spans` may (and `doc.ents` may not). docs/formats.md has the
lines that make a DocBin of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, TableFiles, documents
from ls_dvc.formats.text import span_formats
from ls_dvc.formats.text.span_formats import Choice, LabeledText, Span, WrittenText, is_single
from ls_dvc.io import canonical_json
from ls_dvc.labels.policy import Selection

NAME = "SPACY"
SUMMARY = "A JSON line a text: spans by character, and choices, for spaCy"
FAST_PATH = None
CONTENT = list[bytes]
PATH = "result.jsonl"
TAGS = (*span_formats.SPAN_TAGS, "Choices")


def check(context: FormatContext) -> None:
    """Needs a text with Labels or Choices."""
    span_formats.check(context, NAME, TAGS)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task."""
    return span_formats.encode(selection, context, partial(_write, context), TAGS)


def assemble(pieces: Pieces[list[bytes]], context: FormatContext) -> Iterator[Chunk]:
    """result.jsonl."""
    for path, some in documents(pieces, context, PATH):
        yield Chunk(path, b"")
        for piece in some:
            yield Chunk(path, b"".join(piece))


def table(context: FormatContext) -> TableFiles:
    """A text a row; `cats` has other keys in other projects, so it is JSON."""
    spans = [{"start": "int64", "end": "int64", "label": "string"}]
    object_column = {} if is_single(context, TAGS) else {"object": "string"}
    columns = {"id": "int64", "text": "string", "spans": spans, "cats": "json", **object_column}
    return TableFiles(PATH, {**columns, "annotation": "int64"})


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)


def _write(
    context: FormatContext,
    labeled_text: LabeledText,
    spans: Sequence[Span],
    choices: Sequence[Choice],
) -> WrittenText:
    """A line; `spans` in the order of the text, an object for each label of a span.

    `object` says which text it is where a task has several, `annotation` whose where each
    annotation stands for itself.
    """
    line: dict[str, Any] = {"id": labeled_text.task, "text": labeled_text.text}
    line["spans"] = [
        {"start": span.start, "end": span.end, "label": label}
        for span in sorted(spans, key=lambda span: (span.start, -span.end, span.position))
        for label in span.labels
    ]
    if choices:
        line["cats"] = _cats(context, labeled_text.object, choices)
    if not is_single(context, TAGS):
        line["object"] = labeled_text.object
    if labeled_text.annotation is not None:
        line["annotation"] = labeled_text.annotation
    return WrittenText(canonical_json.unbroken(canonical_json.line(line)), {}, {})


def _cats(context: FormatContext, object_name: str, choices: Sequence[Choice]) -> dict[str, float]:
    """1.0 for what was chosen, 0.0 for the rest of the choices of those controls.

    A control without a choice is left out: spaCy takes what is missing for unknown. Where two
    controls for this text have a choice of the same name, it is `control.choice`.
    """
    controls = {
        control.name: control.labels
        for control in context.config.controls_on(object_name)
        if control.tag == "Choices"
    }
    names = Counter(label for labels in controls.values() for label in labels)
    used = {choice.control: controls.get(choice.control, ()) for choice in choices}
    chosen = {(choice.control, name) for choice in choices for name in choice.names}
    offered = {(control, name) for control, labels in used.items() for name in labels}
    return {
        f"{control}.{name}" if names[name] > 1 else name: float((control, name) in chosen)
        for control, name in sorted(offered | chosen)
    }
