"""What people read of a Text, a HyperText or Paragraphs, and where in it spans are.

A HyperText is shown as its plain text, Paragraphs as a line for each speaker. Offsets are trusted
only where the text that they lead to is the one that the region says it is on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text.offsets import Ends, locate, offset_maps_of
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.regions import value_of
from ls_dvc.labels.shown_objects import ShownObject

TAGS = ("Text", "HyperText", "Paragraphs")


class ShownText(Protocol):
    """A text as it is shown; `name` is that of its object."""

    @property
    def name(self) -> str:
        """Such as `text`."""

    @property
    def text(self) -> str:
        """All of it."""

    def ends_of(self, regions: Sequence[Region]) -> list[Ends | None]:
        """The first character of each region and the one after its last; None: it is not there."""


class PlainText(NamedTuple):
    """The value of a Text."""

    name: str
    text: str

    def ends_of(self, regions: Sequence[Region]) -> list[Ends | None]:
        """By `start` and `end`."""
        return _located(self.text, [value_of(each) for each in regions])


class TextOfHtml(NamedTuple):
    """The text of a page; where blocks end it has line ends that `raw`, its characters, have not.

    `ends_of_blocks` are their places in `raw`.
    """

    name: str
    raw: str
    ends_of_blocks: tuple[int, ...]

    @property
    def text(self) -> str:
        """With a line for each block."""
        starts = [0, *self.ends_of_blocks]
        return "\n".join(
            self.raw[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)
        )

    def ends_of(self, regions: Sequence[Region]) -> list[Ends | None]:
        """By `globalOffsets`."""
        values = [{**value_of(each), **_global_offsets(each)} for each in regions]
        return [
            self._shown(*ends) if ends and value.get("text") else None
            for value, ends in zip(values, _located(self.raw, values), strict=True)
        ]

    def _shown(self, start: int, end: int) -> Ends:
        blocks = self.ends_of_blocks
        return start + bisect_right(blocks, start), end + bisect_right(blocks, end - 1)


class Dialogue(NamedTuple):
    """Paragraphs, a line for each: who said what; either may be empty."""

    name: str
    paragraphs: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """With a line for each paragraph."""
        return "\n".join(f"{_speaker(author)}{words}" for author, words in self.paragraphs)

    def ends_of(self, regions: Sequence[Region]) -> list[Ends | None]:
        """By the numbers of the paragraphs, and the offsets in them."""
        lengths = [len(_speaker(author)) + len(words) + 1 for author, words in self.paragraphs]
        starts = [*accumulate(lengths, initial=0)]
        return [self._ends(value_of(each), starts) for each in regions]

    def _ends(self, value: Mapping[str, Any], starts: Sequence[int]) -> Ends | None:
        first, last = (_number(value.get(key)) for key in ("start", "end"))
        if first is None or last is None or not 0 <= first <= last < len(self.paragraphs):
            return None
        found = self._within(value, first, last)
        if found is None:
            return None
        speakers = [len(_speaker(self.paragraphs[number][0])) for number in (first, last)]
        start = starts[first] + speakers[0] + found[0]
        end = starts[last] + speakers[1] + found[1]
        return (start, end) if start < end else None

    def _within(self, value: Mapping[str, Any], first: int, last: int) -> Ends | None:
        """The offsets in the first and in the last paragraph; in one, its words must agree."""
        start, end = value.get("startOffset"), value.get("endOffset")
        if first == last:
            inside = {"start": start, "end": end, "text": value.get("text")}
            return _located(self.paragraphs[first][1], [inside])[0]
        if type(start) is not int or type(end) is not int:
            return None
        lengths = [len(self.paragraphs[number][1]) for number in (first, last)]
        return (start, end) if 0 <= start <= lengths[0] and 0 <= end <= lengths[1] else None


def shown_text(shown: ShownObject) -> ShownText | None:
    """What an object shows of a task; None where that is no text, or only its address."""
    declared, items = shown.declared, [item for _, item in shown.items]
    if declared.tag == "Paragraphs":
        return _dialogue(shown, items)
    texts = [item for item in items if isinstance(item, str) and item]
    if not texts:
        return None
    if declared.tag == "HyperText":
        return None if declared.value_type == "url" else _text_of_html(shown.name, texts[0])
    return PlainText(shown.name, texts[0]) if declared.tag == "Text" else None


def _dialogue(shown: ShownObject, items: Sequence[Any]) -> Dialogue | None:
    keys = (shown.declared.speaker_key, shown.declared.words_key)
    said = items[0] if len(items) == 1 and isinstance(items[0], list) else items
    known = [each if isinstance(each, Mapping) else {} for each in said]
    lines = tuple((str(each.get(keys[0]) or ""), str(each.get(keys[1]) or "")) for each in known)
    return Dialogue(shown.name, lines) if any(map(any, lines)) else None


def _text_of_html(name: str, html: str) -> TextOfHtml | None:
    parser = _TextOfHtml()
    parser.feed(html)
    parser.close()
    raw = "".join(parser.texts)
    return TextOfHtml(name, raw, tuple(parser.ends_of_blocks())) if raw.strip() else None


_SILENT = frozenset(("script", "style", "head", "title", "template"))
_BLOCKS = frozenset(
    [
        *("p", "div", "br", "li", "tr", "td", "th", "table", "ul", "ol", "section", "article"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "header", "footer"),
    ]
)


class _TextOfHtml(HTMLParser):
    """Collects the characters of a page, and where blocks begin and end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts = list[str]()
        self._length, self._silent, self._borders = 0, 0, list[int]()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self._silent += tag in _SILENT
        self._border(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._border(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)
            self._length += len(data)

    def ends_of_blocks(self) -> Iterator[int]:
        """Where lines end: not at either end of the text, and once at a place."""
        return (at for at in dict.fromkeys(self._borders) if 0 < at < self._length)

    def _border(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._borders.append(self._length)


def _located(text: str, values: Sequence[Mapping[str, Any]]) -> list[Ends | None]:
    maps = offset_maps_of(text, [{"value": value} for value in values])
    found = (locate(text, value, maps) for value in values)
    return [None if isinstance(ends, Reason) else ends for ends in found]


def _global_offsets(region: Region) -> dict[str, Any]:
    offsets = value_of(region).get("globalOffsets")
    known = offsets if isinstance(offsets, Mapping) else {}
    return {"start": known.get("start"), "end": known.get("end")}


def _speaker(author: str) -> str:
    return f"{author}: " if author else ""


def _number(value: Any) -> int | None:
    """The number of a paragraph, which the editor writes as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if type(value) is int else None
