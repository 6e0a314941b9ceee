"""Values from files, held to their forms where they are read: each comes back, or `ValueError`."""

from __future__ import annotations

import re
from typing import Any

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
