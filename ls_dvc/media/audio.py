"""MPEG audio (MP3) and AAC, which have no signature: each frame begins with eleven bits set."""

from __future__ import annotations

_TAG_HEADER = 10  # bytes of an ID3 tag before its content


def media_type(head: bytes) -> str | None:
    """The MIME type of audio that begins with these bytes; None when it is something else.

    With an ID3 tag in front that is longer than `head` it counts as MP3, which nearly all are.
    """
    if head[:3] != b"ID3" or len(head) < _TAG_HEADER:
        return _frame(head)
    behind = head[_TAG_HEADER + _without_high_bits(head[6:10]) :]
    if behind.startswith(b"fLaC"):
        return "audio/flac"
    return _frame(behind) or "audio/mpeg"


def _without_high_bits(number: bytes) -> int:
    """A number of seven bits a byte, as in ID3 tags."""
    value = 0
    for byte in number:
        value = value << 7 | byte & 0x7F
    return value


def _frame(head: bytes) -> str | None:
    """The type of a frame, none of whose fields has a value that is not defined."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0:
        is_aac = head[1] & 0xF0 == 0xF0 and head[2] >> 2 & 15 < 13
        return "audio/aac" if is_aac else None
    version, bit_rate, sampling_rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    is_defined = version != 1 and 0 < bit_rate < 15 and sampling_rate != 3
    return "audio/mpeg" if is_defined else None
