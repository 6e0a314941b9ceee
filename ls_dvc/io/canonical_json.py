"""Canonical JSON: the bytes that the standard library writes, several times faster.

msgspec reads and writes; values that it would write in another way go to the standard library.
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
    """Each of the values `encoded`; faster than one by one."""
    joined = _TRUSTED and _quickly(values, _encode_lines)
    return joined.removesuffix(b"\n").split(b"\n") if joined else [*map(encoded, values)]


def unbroken(line: bytes) -> bytes:
    """A line of JSON with other line separators escaped, at which many readers end a line."""
    for separator in _SEPARATORS:
        line = line.replace(separator.encode(), b"\\u%04x" % ord(separator))
    return line


_SEPARATORS = "\x85\u2028\u2029"


def indented(value: Any) -> bytes:
    """`value` in UTF-8 for people: indented, sorted keys, Unicode as it is."""
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
    """Empty where the libraries may differ: exponents, null (msgspec writes it for NaN)."""
    try:
        written = encode(value)
    except (msgspec.MsgspecError, ValueError, OverflowError, TypeError):
        return b""  # a lone surrogate, or an integer of more than 64 bits
    has_small = b"0.0000" in written and _is_small(written)
    may_differ = b"null" in written or _exponent(written) or has_small
    return b"" if may_differ else written


def _is_small(written: bytes) -> bool:
    """Whether there is a number below 0.0001, and not only a time such as 10:00.000012Z."""
    before, *others = written.split(b"0.0000")
    return any(not text[-1:].isdigit() for text in (before, *others[:-1]))


def _utf8(written: str) -> bytes:
    """Empty where there is a lone surrogate."""
    try:
        return written.encode()
    except UnicodeEncodeError:
        return b""


_NUMBERS = (0.1, -0.0, 0.0001, 1e-5, 1e-6, 5e-324, 1e15, 999999999999999.9, 1e16, 1e22, 2**53)
_TEXTS = ("".join(map(chr, range(0x100))), "\u2028\ufeff\uffff\U0001f600", "\xe9", "z", "a")


def _agrees() -> bool:
    """Whether this version of msgspec writes like the standard library."""
    samples = (*_NUMBERS, dict.fromkeys(_TEXTS, 1))
    return all(_quickly(sample, _encode) in (b"", _plainly(sample)) for sample in samples)


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
