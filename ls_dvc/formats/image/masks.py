"""Brush masks: from Label Studio's run-length code to the pixels of an image.

`rle` in a region's value is a list of bytes. Their bits, highest first, say how many values come
(32), how long a value is (5, less one), four sizes of lengths (4 each, less one), and then, run by
run: whether one value is repeated (1), which of the sizes its length has (2), the length less one,
and the value, or as many values. The values are red, green, blue and alpha of each pixel, row by
row from the top; only alpha says where the brush was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.geometry import Size

CHANNELS = 4
LARGEST = 2**27  # pixels: some hundreds of megabytes while a mask is written
_HEAD = 32 + 5 + 4 * 4  # bits before the first run


def is_mask(value: Mapping[str, Any]) -> bool:
    """Whether a region's value holds a mask, good or bad."""
    return "rle" in value


def alpha(value: Mapping[str, Any], size: Size) -> bytes | Reason:
    """How opaque the mask is, 0 to 255: one byte for each pixel, row by row from the top.

    `size` is the image's in pixels. MALFORMED when the code is broken, or not of an image of that
    size, TOO_LARGE for more than `LARGEST` pixels: a few bytes can announce any number.
    """
    rle, pixels = value.get("rle"), size.width * size.height
    if (
        not isinstance(rle, list)
        or int(size.width) != size.width
        or int(size.height) != size.height
    ):
        return Reason.MALFORMED
    if pixels > LARGEST:
        return Reason.TOO_LARGE
    try:
        bits = _bits(rle)
        if int(bits[:32], 2) != pixels * CHANNELS:
            return Reason.MALFORMED
        return _alpha(bits, int(pixels))
    except (ValueError, TypeError):  # no bytes, or fewer than announced
        return Reason.MALFORMED


def is_empty(value: Mapping[str, Any]) -> bool:
    """Whether all pixels of the mask are 0, however many they are; False when it is broken."""
    rle = value.get("rle")
    if not isinstance(rle, list):
        return False
    try:
        bits = _bits(rle)
        pixels = int(bits[:32], 2) // CHANNELS
        return pixels <= LARGEST and not any(run.strip(b"\0") for run in _opacities(bits, pixels))
    except (ValueError, TypeError):  # no bytes, or fewer than announced
        return False


def bounds(alpha: bytes, width: int) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom edge of the pixels that are not 0; None when all are.

    `alpha` has `width` bytes a row. An edge lies between pixels: a mask of the first pixel alone
    has 0, 0, 1 and 1.
    """
    kept = alpha.lstrip(b"\0")
    if not kept:
        return None
    top = (len(alpha) - len(kept)) // width
    bottom = (len(alpha.rstrip(b"\0")) - 1) // width + 1
    height = len(alpha) // width
    columns = [alpha[x::width].count(0) < height for x in range(width)]
    return columns.index(True), top, width - columns[::-1].index(True), bottom


def _bits(rle: list[int]) -> str:
    return format(int.from_bytes(b"\1" + bytes(rle), "big"), "b")[1:]


def _alpha(bits: str, pixels: int) -> bytes:
    """`ValueError` when the bits end too early."""
    return b"".join(_opacities(bits, pixels))[:pixels]


def _opacities(bits: str, pixels: int) -> Iterator[bytes]:
    """The opacity of each pixel, run by run; the last run may have more than there are pixels."""
    word = int(bits[32:37], 2) + 1
    sizes = [int(bits[at : at + 4], 2) + 1 for at in range(37, _HEAD, 4)]
    place, at = 0, _HEAD
    while place < pixels * CHANNELS:
        start, length = at + 3, sizes[int(bits[at + 1 : at + 3], 2)]
        count = int(bits[start : start + length], 2) + 1
        start += length
        if bits[at] == "1":
            at = start + word
            times = (place + count) // CHANNELS - place // CHANNELS
            yield bytes((int(bits[start:at], 2),)) * times
        else:
            at = start + count * word
            first = start + (CHANNELS - 1 - place) % CHANNELS * word
            steps = range(first, at, word * CHANNELS)
            yield bytes([int(bits[step : step + word], 2) for step in steps])
        place += count
    if at > len(bits):
        raise ValueError("the code ends too early")
