"""File names for images and labels: unique, and good on every system."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

LIMIT = 255  # bytes of UTF-8, the least that common file systems take
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u0080-\u009f\u2028\u2029\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}$")


@dataclass
class Names:
    """Gives every task a stem of its own: the first of several equal ones keeps it plain.

    Stems are compared without case and in one Unicode form, as macOS and Windows do. Asked in
    the order of task ids, a new task never takes an older one's name.
    """

    taken: set[str] = field(default_factory=set)

    def unique(self, address: str, task_id: int, room: int = 0) -> tuple[str, str]:
        """Stem and extension for what lies at `address`, the stem never given before.

        `room` bytes are kept free for what the caller puts behind the stem.
        """
        stem, extension = split(address, task_id)
        spare = LIMIT - max(len(extension.encode()), room)
        candidate, count = cut(stem, spare), 1
        while _key(candidate) in self.taken:
            suffix = f"-{task_id}" if count == 1 else f"-{task_id}-{count}"
            candidate = cut(stem, spare - len(suffix)) + suffix
            count += 1
        self.taken.add(_key(candidate))
        return candidate, extension


def split(address: str, task_id: int) -> tuple[str, str]:
    """Stem and extension of the file that a path or URL names, made fit for a file name."""
    name = "" if address.startswith("data:") else unquote(_path(address)).rpartition("/")[2]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    extension = _EXTENSION.search(name)
    stem = name[: extension.start()] if extension else name
    stem = stem.strip(" .")
    if not stem.strip("_"):
        stem = f"task-{task_id}"
    if _RESERVED.match(stem.partition(".")[0]):
        stem = f"_{stem}"
    return stem, extension.group() if extension else ""


def cut(text: str, limit: int) -> str:
    """The beginning of `text` that takes at most `limit` bytes of UTF-8, no character split."""
    return text.encode()[:limit].decode(errors="ignore").rstrip(" .")


def _path(address: str) -> str:
    """The path of a URL without query and fragment; a plain path as it is."""
    if "://" not in address:
        query = address.partition("?d=")[2]  # Label Studio's local files: /data/local-files/?d=a/b
        return query or address
    try:
        return urlsplit(address).path
    except ValueError:
        return address


def _key(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()
