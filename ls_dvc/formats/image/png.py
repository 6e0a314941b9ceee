"""Gray pictures as PNG files whose bytes do not depend on the machine.

zlib compresses differently from version to version, so the deflate stream is written here: runs of
equal bytes with the fixed Huffman codes of RFC 1951. Of zlib only the check sums are used.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

_RUN = re.compile(rb"\0+|\xff+|(.)\1*", re.DOTALL)  # what masks are made of is found fastest
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY = struct.pack(">5B", 8, 0, 0, 0, 0)  # 8 bits of gray, not interlaced
_LONGEST, _SHORTEST = 258, 3  # bytes that one code can repeat
_DISTANCE_1 = "00000"  # repeat the byte before
_END = "0000000"


def encode(pixels: bytes, width: int, height: int) -> bytes:
    """A PNG file of `pixels`: one byte each, 0 black to 255 white, row by row from the top."""
    rows = (pixels[at : at + width] for at in range(0, width * height, width))
    size = struct.pack(">2I", width, height)
    data = compressed(b"".join(b"\0" + row for row in rows))  # 0: the row is not filtered
    chunks = ((b"IHDR", size + _GRAY), (b"IDAT", data), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*each) for each in chunks)


def compressed(data: bytes) -> bytes:
    """`data` in the format of zlib (RFC 1950), one block. Small where long runs are equal."""
    bits = "110" + "".join(_codes(data)) + _END  # the last block; fixed codes, lowest bit first
    packed = int(bits[::-1], 2).to_bytes((len(bits) + 7) // 8, "little")
    return b"\x78\x01" + packed + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _codes(data: bytes) -> Iterator[str]:
    """Bits in the order in which they are written, a run at a time."""
    for run in _RUN.finditer(data):
        value, more = data[run.start()], run.end() - run.start() - 1
        yield _literal(value)
        whole, rest = divmod(more, _LONGEST)
        yield _repeat(_LONGEST) * whole
        yield _repeat(rest) if rest >= _SHORTEST else _literal(value) * rest


@lru_cache(maxsize=256)
def _literal(value: int) -> str:
    return f"{0x30 + value:08b}" if value < 144 else f"{0x190 + value - 144:09b}"


@lru_cache(maxsize=256)
def _repeat(length: int) -> str:
    """The codes for the last byte `length` times more, 3 to 258 of them."""
    symbol, extra, bits = _length(length)
    code = f"{symbol - 256:07b}" if symbol < 280 else f"{0xC0 + symbol - 280:08b}"
    return code + (f"{extra:0{bits}b}"[::-1] if bits else "") + _DISTANCE_1


def _length(length: int) -> tuple[int, int, int]:
    """The symbol of a length, what is added to it, and in how many bits.

    From 11 on, four symbols each share a number of bits, which then grows; 258 has its own.
    """
    if length == _LONGEST:
        return 285, 0, 0
    beyond = length - _SHORTEST
    bits = max(beyond.bit_length() - 3, 0)
    symbol = 257 + 4 * bits + (beyond >> bits)
    return symbol, beyond & ((1 << bits) - 1), bits
