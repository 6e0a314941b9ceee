"""Texts among media: HTML, SVG, playlists, PDF (which begins as a text), and any other text."""

from __future__ import annotations

import codecs
import re

# Bytes that are in no text.
_BINARY = frozenset({*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What can come before the first tag: an XML declaration, and comments.
_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_TAG = re.compile(r"<(?:!doctype\s+)?(?:[\w.-]+:)?([\w-]+)", re.IGNORECASE)
# With which pages begin that leave out the document type and <html>.
_HTML = frozenset(
    {
        *(
            "a",
            "b",
            "body",
            "br",
            "center",
            "div",
            "font",
            "form",
            "h1",
            "h2",
            "h3",
            "head",
            "html",
        ),
        *("iframe", "img", "link", "meta", "p", "pre", "script", "span", "style", "table", "title"),
    }
)


def media_type(head: bytes) -> str | None:
    """The MIME type of a text that begins with these bytes; None when they are no text."""
    if head.lstrip(b"\xef\xbb\xbf\t\n\f\r ").startswith(b"%PDF-"):
        return "application/pdf"
    text = _text(head)
    if text is None:
        return None
    if text.startswith("#EXTM3U"):
        return "application/vnd.apple.mpegurl"
    return _of_markup(text) or "text/plain"


def _text(head: bytes) -> str | None:
    """The text without its byte order mark; characters of an unknown encoding are replaced."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head.decode(encoding, "replace").removeprefix("\ufeff").lstrip()
    is_text = head and _BINARY.isdisjoint(head)
    return head.decode("utf-8", "replace").lstrip() if is_text else None


def _of_markup(text: str) -> str | None:
    """The type of HTML and SVG, by the document type or the first tag."""
    is_xml, position = text.startswith("<?xml"), 0
    while prologue := _PROLOGUE.match(text, position):
        position = prologue.end()
    rest = text[position:].lstrip()
    tag = _TAG.match(rest)
    name = tag[1].lower() if tag else ""
    if name == "svg":
        return "image/svg+xml"
    is_page = name == "html" if is_xml else name in _HTML or rest.startswith("<!--")
    return "text/html" if is_page else None
