"""CONLL2003: a token a line with its tag, as Label Studio's own export has it.

    -DOCSTART- -X- O
    Maria -X- _ B-PER
    sings -X- _ O

There is room for one tag a token. Where spans overlap the longest is written, of equally long ones
the first. A span with several labels has them joined: `B-PER|ORG`. Blanks in a label become `_`,
since they separate the columns.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, documents, nothing
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text import spans
from ls_dvc.formats.text.spans import SPACE, Choice, LabeledText, Span
from ls_dvc.labels.policy import Selection

NAME = "CONLL2003"
SUMMARY = "A token a line with its B-, I- or O tag, for named entities"
FAST_PATH = None
PATH = "result.conll"

shared = nothing


def check(context: FormatContext) -> None:
    """Needs a text with Labels."""
    spans.check(context, NAME, spans.SPANS)


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task, with a blank line behind each of its texts."""
    names = _tag_names(context.classes.names(SPACE))
    return spans.encode(selection, context, partial(_write, names), spans.SPANS)


def assemble(pieces: Pieces[list[bytes]], context: FormatContext) -> Iterator[Chunk]:
    """result.conll: one head, then the texts."""
    for path, some in documents(pieces, context, PATH):
        yield Chunk(path, b"-DOCSTART- -X- O\n")
        for piece in some:
            yield Chunk(path, b"".join(piece))


def _write(
    names: Mapping[str, str],
    passage: LabeledText,
    found: Sequence[Span],
    choices: Sequence[Choice],
) -> tuple[bytes, Mapping[int, Reason]]:
    text, tokens = passage.text, tokenize(passage.text)
    tags, lost = _tagged(tokens, found, names)
    lost.update((each.number, Reason.UNSUPPORTED_TYPE) for each in choices)
    lines = [
        f"{text[start:end]} -X- _ {tag}\n" for (start, end), tag in zip(tokens, tags, strict=True)
    ]
    lines.append("\n")
    return "".join(lines).encode(errors="backslashreplace"), lost


def _tagged(
    tokens: Sequence[tuple[int, int]], found: Sequence[Span], names: Mapping[str, str]
) -> tuple[list[str], dict[int, Reason]]:
    """A tag for each token: of the span that has part of it. The spans without are lost."""
    starts, ends = [start for start, _ in tokens], [end for _, end in tokens]
    tags, lost = ["O"] * len(tokens), dict[int, Reason]()
    for span in sorted(found, key=lambda e: (e.start - e.end, e.start, e.number)):
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if first >= last:
            lost[span.number] = Reason.BAD_GEOMETRY  # blanks
        elif any(tag != "O" for tag in tags[first:last]):
            lost[span.number] = Reason.OVERLAP
        else:
            name = "|".join(names.get(each) or _without_blanks(each) for each in span.labels)
            tags[first:last] = [f"B-{name}"] + [f"I-{name}"] * (last - first - 1)
    return tags, lost


@lru_cache(maxsize=8)
def _tag_names(classes: tuple[str, ...]) -> Mapping[str, str]:
    """The label without blanks; with its class id behind it where that is another one's."""
    names, taken = dict[str, str](), {*classes}
    for number, label in enumerate(classes):
        name = _without_blanks(label)
        while name != label and name in taken:
            name += f"-{number}"
        taken.add(name)
        names[label] = name
    return names


def _without_blanks(label: str) -> str:
    return "_".join(label.split()) or "_"


# --- tokens
#
# The words of Penn Treebank, cut where label-studio-sdk cuts them, so that models trained on its
# files can go on with ours. A rule puts blanks where it cuts; none looks beyond the blank behind a
# chunk (the characters between two blanks), and few chunks of a language are new: one is cut once.

_LONGEST = 64  # characters of a chunk worth remembering

_LAST_STOP = re.compile(r"(?<=[^.])\.[])}>\"']*$")  # a full stop at the very end, quoted or not
_COMMA = re.compile(r"([,:])(\D|$)")
_DOTS = re.compile(r"\.\.\.")
_SIGN = re.compile(r"``|[;@#$/%&?!]")
_CLOSING_QUOTE = re.compile(r"(?<!')' ")
_BRACKET_OR_QUOTE = re.compile(r"[][(){}<>\"]|--|''")
_POSSESSIVE = re.compile(r"(?<=[^' ])('[sSmMdD]?) ")  # dog's, I'm, she'd, dogs'
_VERB = re.compile(r"(?<=[^' ])('ll|'re|'ve|n't|'LL|'RE|'VE|N'T) ")
_JOINED = [  # cannot, gimme, 'twas
    re.compile(rf"(?i){before}({first})({second}){behind}")
    for before, first, second, behind in (
        (r"\b", "can", "not", r"\b"),
        (r"\b", "d", "'ye", r"\b"),
        (r"\b", "gim", "me", r"\b"),
        (r"\b", "gon", "na", r"\b"),
        (r"\b", "got", "ta", r"\b"),
        (r"\b", "lem", "me", r"\b"),
        (r"\b", "more", "'n", r"\b"),
        (r"\b", "wan", "na", r"(?=\s)"),
        ("(?<= )", "'t", "is", r"\b"),
        ("(?<= )", "'t", "was", r"\b"),
    )
]

_JOINED_WORDS = {"cannot", "gimme", "gonna", "gotta", "lemme", "wanna"}


def tokenize(text: str) -> list[tuple[int, int]]:
    """Start and end (exclusive) of every token in code points, in order."""
    found, chunks, end = list[tuple[int, int]](), text.split(), 0
    for left, chunk in enumerate(chunks, start=1 - len(chunks)):
        start = text.index(chunk, end)
        end = start + len(chunk)
        if chunk.isalpha() and chunk.isascii() and chunk.lower() not in _JOINED_WORDS:
            found.append((start, end))
            continue
        before = " " if start == 0 or text[start - 1] == " " else "\n"
        cut = _cut_once if end - start <= _LONGEST else _cut
        for length in cut(chunk, before, text[end : end + 1], left == 0):
            found.append((start, start + length))
            start += length
    return found


def _cut(chunk: str, before: str, behind: str, last: bool) -> tuple[int, ...]:
    """The lengths of the tokens of a chunk between these two blanks; "" is the end of the text."""
    spread = _DOTS.sub(r" \g<0> ", chunk)
    padded = _LAST_STOP.sub(r" \g<0> ", spread) if last else spread
    if padded == spread:
        padded += behind if behind in ("", " ") else "\n"
    padded = _COMMA.sub(r" \1 \2", padded)
    padded = _SIGN.sub(r" \g<0> ", padded)
    padded = _CLOSING_QUOTE.sub(" ' ", padded)
    padded = before + _BRACKET_OR_QUOTE.sub(r" \g<0> ", padded) + " "
    padded = _POSSESSIVE.sub(r" \1 ", padded)
    padded = _VERB.sub(r" \1 ", padded)
    for joined in _JOINED:
        padded = joined.sub(r" \1 \2 ", padded)
    return tuple(map(len, padded.split()))


_cut_once = lru_cache(maxsize=1 << 16)(_cut)
