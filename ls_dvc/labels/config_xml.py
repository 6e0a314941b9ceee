"""The XML of a label config as tags with their attributes; the only place that parses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree as ET

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.repeater import FLAG, NOT_REPEATED, Repetition

REPEATER = "repeater"


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

    A document type is refused: it can make a small file huge, or read others.
    """
    parser = ET.XMLParser(target=_WithoutDocumentType(where))  # noqa: S314
    try:
        parser.feed(xml)
        return Tags(parser.close())
    except (ET.ParseError, UnicodeError) as error:
        raise LsDvcError(
            f"{where} is not well-formed XML: {error}",
            "open the project's Settings > Labeling Interface > Code and fix it",
        ) from error


class _WithoutDocumentType(ET.TreeBuilder):
    """Refuses a document type where the parser meets it: in a comment or a text it is none."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

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
