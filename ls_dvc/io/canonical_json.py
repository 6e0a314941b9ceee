"""JSON as the standard library reads and writes it, several times faster where that is the same.

What another library would write in its own way is noticed, and left to the standard library.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec


def parse(line: bytes) -> Any:
    """The value of a line of JSON, as `json.loads` gives it."""
    try:
        return _decode(line)
    except msgspec.MsgspecError:  # NaN, an infinity, a lone surrogate, or broken
        return json.loads(line)


def encoded(value: Any) -> bytes:
    """`value` in UTF-8: sorted keys, no spaces, Unicode as it is.

    Lone surrogates, which JSON can hold and UTF-8 cannot, are escaped, with all else beyond ASCII.
    """
    return (_TRUSTED and _quickly(value, _encode)) or _plainly(value)


def lines(values: Sequence[Any]) -> list[bytes]:
    """Each of them `encoded`; quicker where there are many small ones."""
    together = _TRUSTED and _quickly(values, _encode_lines)
    return (
        together.removesuffix(b"\n").split(b"\n")
        if together
        else [encoded(each) for each in values]
    )


def unbroken(line: bytes) -> bytes:
    """A line of JSON in which no text breaks it: many readers take these characters for an end."""
    for each in _BREAKS:
        line = line.replace(each.encode(), b"\\u%04x" % ord(each))
    return line


_BREAKS = "\x85\u2028\u2029"


def indented(value: Any) -> bytes:
    """The same for people: two spaces of indentation."""
    return (
        _utf8(json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2))
        or json.dumps(value, sort_keys=True, indent=2).encode()
    )


_decode = msgspec.json.Decoder().decode
_encoder = msgspec.json.Encoder(order="sorted")
_encode, _encode_lines = _encoder.encode, _encoder.encode_lines
_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_as_ascii_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_exponent = re.compile(rb"e[-\d]\d*(?:[],}\n]|$)").search


def _plainly(value: Any) -> bytes:
    return _utf8(_as_json(value)) or _as_ascii_json(value).encode()


def _quickly(value: Any, encode: Callable[[Any], bytes]) -> bytes:
    """Nothing for what may be written in another way: an exponent in either, null (or NaN)."""
    try:
        written = encode(value)
    except (msgspec.MsgspecError, ValueError, OverflowError, TypeError):
        return b""  # a lone surrogate, a number of more than 64 bits
    odd = b"null" in written or _exponent(written) or (b"0.0000" in written and _is_small(written))
    return b"" if odd else written


def _is_small(written: bytes) -> bool:
    """Whether there is a number below 0.0001, and not but a time such as 10:00.000012Z."""
    before, *others = written.split(b"0.0000")
    return any(not each[-1:].isdigit() for each in (before, *others[:-1]))


def _utf8(written: str) -> bytes:
    """Nothing where there is a lone surrogate."""
    try:
        return written.encode()
    except UnicodeEncodeError:
        return b""


_NUMBERS = (0.1, -0.0, 0.0001, 1e-5, 1e-6, 5e-324, 1e15, 999999999999999.9, 1e16, 1e22, 2**53)
_TEXTS = ("".join(map(chr, range(0x100))), "\u2028\ufeff\uffff\U0001f600", "\xe9", "z", "a")


def _agrees() -> bool:
    """Whether the other library still writes like the standard one; a later version might not."""
    samples = (*_NUMBERS, dict.fromkeys(_TEXTS, 1))
    return all(_quickly(each, _encode) in (b"", _plainly(each)) for each in samples)


_TRUSTED = _agrees()


def text(value: Any) -> str:
    """`value` as canonical JSON: sorted keys, no spaces, Unicode as it is."""
    return encoded(value).decode()


def line(value: Any) -> bytes:
    """`value` as one line of UTF-8 JSON, LF at its end."""
    return encoded(value) + b"\n"


def document(value: Any) -> bytes:
    """`value` as a JSON file for people: two spaces of indentation, sorted keys."""
    return indented(value) + b"\n"


def digest(content: bytes) -> str:
    """SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
