"""Where a span begins and ends: offsets as Label Studio stores them, to Python's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.canonical import Region

Reading = Mapping[int, int] | None  # from Label Studio's offsets to Python's; None: the same


def _located(
    text: str, value: Mapping[str, Any], readings: tuple[Reading, ...]
) -> tuple[int, int] | Reason:
    """The ends of a span, in the first reading in which its own text is there."""
    told, first = value.get("text"), None
    for reading in readings:
        ends = _ends(text, value, reading)
        if ends and _is_same(text[ends[0] : ends[1]], told):
            return ends
        first = first or ends
    if first is None:
        return Reason.BAD_GEOMETRY
    return Reason.TEXT_DIFFERS if isinstance(told, str) and _squeezed(told) else first


def _ends(text: str, value: Mapping[str, Any], reading: Reading) -> tuple[int, int] | None:
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:
        return None
    if reading is not None:
        start, end = reading.get(start, -1), reading.get(end, -1)
    return (start, end) if 0 <= start < end <= len(text) else None


def _readings(text: str, regions: Sequence[Region]) -> tuple[Reading, ...]:
    """How offsets may be meant, the likeliest first: what more regions' own texts agree with."""
    if text.isascii() or max(text) <= "\uffff":
        return (None,)
    units = _from_utf16(text)
    values = [each.get("value") for each in regions if isinstance(each, Mapping)]
    told = [each for each in values if isinstance(each, Mapping) and each.get("text")]
    points, pairs = (
        sum(not isinstance(_located(text, each, (reading,)), Reason) for each in told)
        for reading in (None, units)
    )
    return (None, units) if points >= pairs else (units, None)


def _from_utf16(text: str) -> dict[int, int]:
    """Python's offset for each one in UTF-16; those inside of a character have none."""
    found, units = {0: 0}, 0
    for points, character in enumerate(text, start=1):
        units += 2 if character > "\uffff" else 1
        found[units] = points
    return found


def _is_same(text: str, told: Any) -> bool:
    """Whether a region's own text is this one. The editor stores it as the page showed it."""
    return text == told or (isinstance(told, str) and _squeezed(text) == _squeezed(told))


_BLANK = re.compile(r"\\n|\s+")  # line ends become a backslash and an n, blanks may become one


def _squeezed(text: str) -> str:
    return _BLANK.sub("", text)
