"""Values from files, held to their forms where they are read: each comes back, or `ValueError`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ls_dvc.io.iso_time import parse_time

MD5 = re.compile("[0-9a-f]{32}")
OBJECT = re.compile(r"[0-9a-f]{32}(\.dir)?")  # what DVC names by its MD5: a file, or a listing
SHA256 = re.compile("[0-9a-f]{64}")
FORMAT = re.compile("[A-Z][A-Z0-9_]*")

# Empty parts (also those of absolute paths), ".", "..", drives; characters of other systems' paths
# and of terminals; half characters that no file system takes.
_UNSAFE = re.compile(
    r"(^|/)\.{0,2}(/|$)|^[A-Za-z]:|[\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udc7f\udd00-\udfff]"
)


def matching(pattern: re.Pattern[str], value: Any) -> str:
    """A text of exactly this form."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{value!r:.200} does not have the form {pattern.pattern}")
    return value


def relative_path(value: Any) -> str:
    """A path with slashes that stays below whatever folder it is appended to."""
    if not isinstance(value, str) or _UNSAFE.search(value):
        raise ValueError(f"{value!r:.200} is not a path below the folder")
    return value


def count(value: Any) -> int:
    """A whole number, at least 0."""
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r:.200} is not a number of things")
    return value


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.200} is no text")  # noqa: TRY004  (wrong content, not a wrong call)
    return value


def moment(value: Any) -> str:
    """A time, ISO 8601 with its zone, as it was written; or the empty text for none."""
    if text(value) and parse_time(value).tzinfo is None:
        raise ValueError(f"{value!r:.200} is a time without a zone")
    return text(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """Values by name."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{value!r:.200} is not a mapping of names")
    return value


def sequence(value: Any) -> Sequence[Any]:
    """Values in an order."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r:.200} is no list")  # noqa: TRY004
    return value


def numbers(value: Any) -> dict[str, int]:
    """Whole numbers by name; some of those that a server counts are below 0."""
    found = dict(mapping(value))
    if not all(type(number) is int for number in found.values()):
        raise ValueError(f"{value!r:.200} is not a mapping of numbers")
    return found
