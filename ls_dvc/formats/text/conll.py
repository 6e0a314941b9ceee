"""CONLL2003: a token a line with its tag, as Label Studio's own export has it.

    -DOCSTART- -X- O
    Maria -X- _ B-PER
    sings -X- _ O

Tokens are cut where a span begins or ends, so that the tagged tokens are exactly the span. There is
room for one tag a token: where spans overlap the longest is written, of equally long ones the
first; of a span's labels the first is written. Blanks in a label become `_`, since they separate
the columns.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, documents, nothing
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text import span_formats
from ls_dvc.formats.text.span_formats import SPACE, Choice, LabeledText, Span, WrittenText
from ls_dvc.formats.text.tokens import Token, cut_at, tokenize
from ls_dvc.labels.policy import Selection

NAME = "CONLL2003"
SUMMARY = "A token a line with its B-, I- or O tag, for named entities"
FAST_PATH = None
CONTENT = list[bytes]
PATH = "result.conll"

shared = nothing


def check(context: FormatContext) -> None:
    """Needs a text with Labels."""
    span_formats.check(context, NAME, span_formats.SPAN_TAGS)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task, with a blank line behind each of its texts."""
    names = _tag_names(context.classes.names(SPACE))
    return span_formats.encode(selection, context, partial(_write, names), span_formats.SPAN_TAGS)


def assemble(pieces: Pieces[list[bytes]], context: FormatContext) -> Iterator[Chunk]:
    """result.conll: one head, then the texts."""
    for path, some in documents(pieces, context, PATH):
        yield Chunk(path, b"-DOCSTART- -X- O\n")
        for piece in some:
            yield Chunk(path, b"".join(piece))


def _write(
    names: Mapping[str, str],
    labeled_text: LabeledText,
    spans: Sequence[Span],
    choices: Sequence[Choice],
) -> WrittenText:
    text = labeled_text.text
    written, dropped = _without_overlaps(text, spans)
    dropped.update((choice.position, Reason.UNSUPPORTED_TYPE) for choice in choices)
    tokens = tokenize(text)
    tagged = _tagged(tokens, written, names)
    lines = [f"{text[start:end]} -X- _ O\n" for start, end in tokens]
    for index, tag in tagged:
        start, end = tokens[index]
        lines[index] = f"{text[start:end]} -X- _ {tag}\n"
    lines.append("\n")
    in_part = {span.position: Reason.SEVERAL_LABELS for span in written if len(span.labels) > 1}
    return WrittenText("".join(lines).encode(errors="backslashreplace"), dropped, in_part)


def _without_overlaps(text: str, spans: Sequence[Span]) -> tuple[list[Span], dict[int, Reason]]:
    """The spans that are written, without blanks at their ends, in the order of the text."""
    chosen, dropped = list[Span](), dict[int, Reason]()
    trimmed = sorted([_trimmed(text, span) for span in spans])
    if _are_apart(trimmed):
        return trimmed, dropped
    for span in sorted(
        trimmed, key=lambda span: (span.start - span.end, span.start, span.position)
    ):
        place = bisect_left(chosen, span)
        if span.start == span.end:
            dropped[span.position] = Reason.BAD_GEOMETRY  # blanks
        elif (place and chosen[place - 1].end > span.start) or (
            place < len(chosen) and chosen[place].start < span.end
        ):
            dropped[span.position] = Reason.OVERLAP
        else:
            chosen.insert(place, span)
    return chosen, dropped


def _are_apart(spans: Sequence[Span]) -> bool:
    """Whether all spans have text, each behind the one before it."""
    end = 0
    for span in spans:
        if not end <= span.start < span.end:
            return False
        end = span.end
    return True


def _trimmed(text: str, span: Span) -> Span:
    if not text[span.start].isspace() and not text[span.end - 1].isspace():
        return span
    part = text[span.start : span.end]
    start = span.start + len(part) - len(part.lstrip())
    return span._replace(start=start, end=start + len(part.strip()))


def _tagged(
    tokens: list[Token], spans: Sequence[Span], names: Mapping[str, str]
) -> list[tuple[int, str]]:
    """The index and the tag of each token in a span; cuts tokens where a span begins or ends.

    The spans are in the order of the text: what is cut for one leaves earlier indices as they are.
    """
    tagged = list[tuple[int, str]]()
    for span in spans:
        first, last = cut_at(tokens, span.start), cut_at(tokens, span.end)
        name = names.get(span.labels[0]) or _without_blanks(span.labels[0])
        tagged.append((first, f"B-{name}"))
        tagged += [(index, f"I-{name}") for index in range(first + 1, last)]
    return tagged


@lru_cache(maxsize=8)
def _tag_names(classes: tuple[str, ...]) -> Mapping[str, str]:
    """The label without blanks; with its class id behind it where that is another one's."""
    names, taken = dict[str, str](), {*classes}
    for class_id, label in enumerate(classes):
        name = _without_blanks(label)
        while name != label and name in taken:
            name += f"-{class_id}"
        taken.add(name)
        names[label] = name
    return names


def _without_blanks(label: str) -> str:
    return "_".join(label.split()) or "_"
