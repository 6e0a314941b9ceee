"""The part of a file that a request with `Range` wants, as players send it."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def wanted_part(header: str, size: int) -> tuple[int, int] | None:
    """First byte and end (exclusive); all of the file for what is no single range.

    None where the file has no such part.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return 0, size
    if not match[1]:
        return (max(0, size - int(match[2])), size) if int(match[2]) and size else None
    first = int(match[1])
    end = min(size, int(match[2]) + 1) if match[2] else size
    return (first, end) if first < end else None
