"""SPACY: one JSON line for each text, with character offsets as Python and spaCy count them.

    {"cats":{"Bad":0.0,"Good":1.0},"id":7,"spans":[[0,5,"PER"]],"text":"Maria sings."}

Spans may overlap, as spaCy's `doc.spans` may (and `doc.ents` may not). To a DocBin:

    nlp, store = spacy.blank("en"), DocBin(store_user_data=True)
    for line in map(json.loads, open("result.jsonl", encoding="utf-8")):
        doc = nlp.make_doc(line["text"])
        found = [doc.char_span(*each, alignment_mode="expand") for each in line["spans"]]
        doc.spans["sc"] = found                  # for spancat
        doc.ents = spacy.util.filter_spans(found)  # for ner: the longest of overlapping ones
        doc.cats = line.get("cats", {})          # for textcat
        store.add(doc)
    store.to_disk("train.spacy")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, documents, nothing
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text import spans
from ls_dvc.formats.text.spans import Choice, LabeledText, Span
from ls_dvc.io import canonical_json
from ls_dvc.labels.policy import Selection

NAME = "SPACY"
SUMMARY = "A JSON line a text: spans by character, and choices, for spaCy"
FAST_PATH = None
PATH = "result.jsonl"
TAGS = (*spans.SPANS, "Choices")

shared = nothing


def check(context: FormatContext) -> None:
    """Needs a text with Labels or Choices."""
    spans.check(context, NAME, TAGS)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task."""
    return spans.encode(selection, context, partial(_write, context), TAGS)


def assemble(pieces: Pieces[list[bytes]], context: FormatContext) -> Iterator[Chunk]:
    """result.jsonl."""
    for path, some in documents(pieces, context, PATH):
        yield Chunk(path, b"")
        for piece in some:
            yield Chunk(path, b"".join(piece))


def _write(
    context: FormatContext, passage: LabeledText, found: Sequence[Span], choices: Sequence[Choice]
) -> tuple[bytes, Mapping[int, Reason]]:
    """A line; `spans` in the order of the text, an entry for each label of a span.

    `object` says which text it is where a task has several, `annotation` whose where each
    annotation stands for itself.
    """
    line: dict[str, Any] = {"id": passage.task, "text": passage.text}
    line["spans"] = [
        [each.start, each.end, label]
        for each in sorted(found, key=lambda e: (e.start, -e.end, e.number))
        for label in each.labels
    ]
    if choices:
        line["cats"] = _cats(context, passage.place, choices)
    if not spans.is_single(context.config, TAGS):
        line["object"] = passage.place
    if passage.annotation is not None:
        line["annotation"] = passage.annotation
    return canonical_json.unbroken(canonical_json.line(line)), {}


def _cats(context: FormatContext, place: str, choices: Sequence[Choice]) -> dict[str, float]:
    """1.0 for what was chosen, 0.0 for the rest of the choices of those controls.

    A control without a choice is left out: spaCy takes what is missing for unknown. Where two
    controls for this text have a choice of the same name, it is `control.choice`.
    """
    controls = {
        each.name: each.labels
        for each in context.config.controls.values()
        if each.tag == "Choices" and place in each.objects
    }
    names = Counter(label for labels in controls.values() for label in labels)
    made = {each.control: controls.get(each.control, ()) for each in choices}
    chosen = {(each.control, name) for each in choices for name in each.names}
    offered = {(control, name) for control, labels in made.items() for name in labels}
    return {
        f"{control}.{name}" if names[name] > 1 else name: float((control, name) in chosen)
        for control, name in sorted(offered | chosen)
    }
