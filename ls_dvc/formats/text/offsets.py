"""Where a span begins and ends: offsets as Label Studio stores them, to Python's.

Label Studio counts `start` and `end` of a span as Python does: in code points, `end` exclusive.
Until the end of 2021, and in what some tools import, they are JavaScript's: UTF-16 code units, of
which an emoji has two. The text that a region says it was drawn on tells which it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text.tokens import is_word_boundary
from ls_dvc.labels.canonical import Region

OffsetMap = Mapping[int, int] | None  # from Label Studio's offsets to Python's; None: the same
Ends = tuple[int, int]


def locate(
    text: str, value: Mapping[str, Any], offset_maps: tuple[OffsetMap, ...]
) -> Ends | Reason:
    """The ends of a span, by the first offsets at which the text is what the region says it is."""
    candidates, quote = list[Ends](), value.get("text")
    for offsets in offset_maps:
        if ends := _ends(text, value, offsets):
            if _is_same(text[ends[0] : ends[1]], quote):
                return ends
            candidates.append(ends)
    if not candidates:
        return Reason.BAD_GEOMETRY
    if not isinstance(quote, str) or not _without_blanks(quote):
        return candidates[0]
    for start, end in candidates:
        if _is_widened(text, start, end, quote):
            return start, end
    return Reason.TEXT_DIFFERS


def offset_maps_of(text: str, regions: Sequence[Region]) -> tuple[OffsetMap, ...]:
    """How offsets may be meant, the likeliest first: what more regions' own texts agree with."""
    if text.isascii() or max(text) <= "\uffff":
        return (None,)
    from_utf16 = _from_utf16(text)
    values = [region.get("value") for region in regions if isinstance(region, Mapping)]
    quoting = [value for value in values if isinstance(value, Mapping) and value.get("text")]
    by_code_points, by_utf16 = (
        sum(not isinstance(locate(text, value, (offsets,)), Reason) for value in quoting)
        for offsets in (None, from_utf16)
    )
    return (None, from_utf16) if by_code_points >= by_utf16 else (from_utf16, None)


def _ends(text: str, value: Mapping[str, Any], offsets: OffsetMap) -> Ends | None:
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:
        return None
    if offsets is not None:
        start, end = offsets.get(start, -1), offsets.get(end, -1)
    return (start, end) if 0 <= start < end <= len(text) else None


def _from_utf16(text: str) -> dict[int, int]:
    """Python's offset for each one in UTF-16; those inside of a character have none."""
    offsets, units = {0: 0}, 0
    for code_points, character in enumerate(text, start=1):
        units += 2 if character > "\uffff" else 1
        offsets[units] = code_points
    return offsets


def _is_same(text: str, quote: Any) -> bool:
    """Whether a region's own text is this one. The editor stores it as the page showed it."""
    return text == quote or (
        isinstance(quote, str) and _without_blanks(text) == _without_blanks(quote)
    )


def _is_widened(text: str, start: int, end: int, quote: str) -> bool:
    """Whether the span is whole words around the quote.

    With `granularity="word"` the editor widens what was selected to whole words, and stores the
    text that was selected.
    """
    span = text[start:end]
    return (
        _without_blanks(quote) in _without_blanks(span)
        and span == span.strip()
        and is_word_boundary(text, start)
        and is_word_boundary(text, end)
    )


_BLANK = re.compile(r"\\n|\s+")  # line ends become a backslash and an n, blanks may become one


def _without_blanks(text: str) -> str:
    return _BLANK.sub("", text)
