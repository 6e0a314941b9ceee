"""Files of boxes (ISO base media): MP4 and its kin, and the sizes of HEIC and AVIF images.

A box is its length and its kind, four bytes each, and what is in it. Pillow does not read HEIC, and
reads the whole of an AVIF file for its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

_VIDEO, _HEIC, _AVIF = "video/mp4", "image/heic", "image/avif"
_BRANDS: Mapping[bytes, str] = {
    **dict.fromkeys((b"avif", b"avis"), _AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), _HEIC),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    b"qt  ": "video/quicktime",
}
_ANY_IMAGE = (b"mif1", b"msf1", b"miaf")  # what it is coded with, the other brands say
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def media_type(head: bytes) -> str | None:
    """The MIME type of a file that begins with these bytes; None when it has no boxes."""
    kind = head[4:8]
    if kind != b"ftyp":
        return "video/quicktime" if kind in _OLD_QUICKTIME else None
    brand, length = head[8:12], int.from_bytes(head[:4], "big")
    if brand in _ANY_IMAGE:
        others = [head[at : at + 4] for at in range(16, min(length, len(head)), 4)]
        images = [_BRANDS[other] for other in others if other in _BRANDS]
        return _AVIF if _AVIF in images else _HEIC
    if brand[:3] in (b"3gp", b"3g2"):
        return "video/3gpp"
    return None if brand in (b"crx ", b"jp2 ") else _BRANDS.get(brand, _VIDEO)


class _Box(NamedTuple):
    kind: bytes
    content: bytes


class _Full(NamedTuple):
    """The content of a box that begins with a version and flags."""

    version: int
    flags: int
    content: bytes


def shown_size(beginning: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a HEIC or AVIF image, with its rotation.

    `beginning` must hold the box `meta`, which comes first in files that are shown while they
    load. None when it is not there, or broken.
    """
    try:
        return _shown_size(beginning)
    except (LookupError, ValueError):
        return None


def _shown_size(beginning: bytes) -> tuple[int, int] | None:
    meta = dict(_boxes(_full(_inside(beginning, b"meta")).content))
    properties = dict(_boxes(meta[b"iprp"]))
    listed = list(_boxes(properties[b"ipco"]))
    own = _properties_of(_primary(meta[b"pitm"]), properties[b"ipma"])
    width, height, turned = 0, 0, False
    for index in own:
        kind, content = listed[index - 1]
        if kind == b"ispe":
            width, height = _number(content, 4, 4), _number(content, 8, 4)
        elif kind == b"irot":
            turned = bool(content[0] & 1)  # in quarters
    if not width or not height:
        return None
    return (height, width) if turned else (width, height)


def _boxes(content: bytes) -> Iterator[_Box]:
    at = 0
    while at + 8 <= len(content):
        length, start = _number(content, at, 4), at + 8
        if length == 1:
            length, start = _number(content, at + 8, 8), at + 16
        end = at + length if length else len(content)
        if end < start:
            raise ValueError("a box that is shorter than its header")
        yield _Box(content[at + 4 : at + 8], content[start:end])
        at = end


def _inside(content: bytes, kind: bytes) -> bytes:
    return next((box.content for box in _boxes(content) if box.kind == kind), b"")


def _full(content: bytes) -> _Full:
    return _Full(_number(content, 0, 1), _number(content, 1, 3), content[4:])


def _primary(content: bytes) -> int:
    """The number of the item that is the image itself, and no thumbnail."""
    box = _full(content)
    return _number(box.content, 0, 4 if box.version else 2)


def _properties_of(item: int, content: bytes) -> list[int]:
    """The properties of an item, as numbers from 1 in the list of all of them."""
    box = _full(content)
    wide_id, wide_index = (4 if box.version else 2), (2 if box.flags & 1 else 1)
    at = 4
    for _ in range(_number(box.content, 0, 4)):
        number = _number(box.content, at, wide_id)
        count = _number(box.content, at + wide_id, 1)
        at += wide_id + 1
        end = at + count * wide_index
        if number == item:
            mask = (1 << 8 * wide_index - 1) - 1  # the highest bit: it is essential
            return [
                _number(box.content, each, wide_index) & mask for each in range(at, end, wide_index)
            ]
        at = end
    raise LookupError("the image has no properties")


def _number(content: bytes, at: int, length: int) -> int:
    found = content[at : at + length]
    if len(found) < length:
        raise ValueError("a box that is cut")
    return int.from_bytes(found, "big")
