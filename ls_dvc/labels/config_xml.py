"""The XML of a label config as tags with their attributes; the only place that parses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.repeater import FLAG, NOT_REPEATED, Repetition

REPEATER = "repeater"
MOST_CHARACTERS = 8_000_000
MOST_TAGS = 50_000
DEEPEST = 6_000  # tags in one another
DEEPEST_REPEATERS = 4


class Tag(NamedTuple):
    """A tag. The names of its attributes are in lower case, as the editor reads them.

    Where a tag has nothing but text in it, the text is its `value`.
    """

    name: str
    attributes: Mapping[str, str]
    repetition: Repetition
    element: ET.Element


class Tags:
    """All tags of a label config."""

    def __init__(self, root: ET.Element) -> None:
        self._by_element = {each.element: each for each in _tags(root)}

    def __iter__(self) -> Iterator[Tag]:
        """All of them in document order."""
        return iter(self._by_element.values())

    def inside(self, tag: Tag) -> Iterator[Tag]:
        """A tag and all below it, in document order."""
        return (self._by_element[each] for each in tag.element.iter())


def parse(xml: str, where: str) -> Tags:
    """The tags of a label config; `LsDvcError`, naming `where`, when the XML is broken.

    A document type is refused: it can make a small file huge, or read others. Size, tags and
    nesting are bounded, far beyond what Label Studio can show.
    """
    if len(xml) > MOST_CHARACTERS:
        raise _too_much(where, f"more than {MOST_CHARACTERS:,} characters")
    parser = ET.XMLParser(target=_BoundedTree(where))  # noqa: S314
    try:
        parser.feed(xml)
        return Tags(parser.close())
    except (ET.ParseError, UnicodeError) as error:
        raise LsDvcError(
            f"{where} is not well-formed XML: {error}",
            "open the project's Settings > Labeling Interface > Code and fix it",
        ) from error


def _too_much(where: str, what: str) -> LsDvcError:
    return LsDvcError(
        f"{where} has {what}, which ls-dvc does not read",
        "make it smaller in the project's Settings > Labeling Interface > Code",
    )


class _BoundedTree(ET.TreeBuilder):
    """Refuses a document type where the parser meets it (in a comment or a text it is none), and

    more tags than it should have.
    """

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self._count = 0
        self._open: list[str] = []

    def start(self, tag: str, attrs: dict[Any, Any]) -> ET.Element:
        self._count += 1
        self._open.append(tag)
        if self._count > MOST_TAGS or len(self._open) > DEEPEST:
            raise _too_much(self.where, f"more than {MOST_TAGS:,} tags, or {DEEPEST:,} levels")
        if tag.lower() == REPEATER and self._repeaters() > DEEPEST_REPEATERS:
            raise _too_much(self.where, f"more than {DEEPEST_REPEATERS} Repeaters in one another")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self._open.pop()
        return super().end(tag)

    def _repeaters(self) -> int:
        return sum(each.lower() == REPEATER for each in self._open)

    def doctype(self, *_: str | None) -> None:
        raise LsDvcError(
            f"{self.where} has a document type definition (<!DOCTYPE …>), which is not allowed",
            "open the project's Settings > Labeling Interface > Code and remove it",
        )


def _tags(root: ET.Element) -> Iterator[Tag]:
    """Without recursion: tags can be nested as deep as somebody likes."""
    waiting = [(root, NOT_REPEATED)]
    while waiting:
        element, repetition = waiting.pop()
        tag = Tag(element.tag, _attributes(element), repetition, element)
        yield tag
        inside = _inside(tag)
        waiting += [(child, inside) for child in reversed(element)]


def _inside(tag: Tag) -> Repetition:
    if tag.name.lower() != REPEATER:
        return tag.repetition.below()
    flag = tag.attributes.get("indexflag", FLAG)
    return tag.repetition.inside(tag.attributes.get("on", ""), flag)


def _attributes(element: ET.Element) -> dict[str, str]:
    attributes = {name.lower(): value for name, value in element.attrib.items()}
    text = (element.text or "").strip()
    return {**attributes, "value": text} if text and not len(element) else attributes
