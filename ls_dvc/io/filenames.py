"""File names for images and labels: unique, and valid on every system."""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import unquote

LIMIT = 255  # bytes of UTF-8, the least that common file systems take
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u0080-\u009f\u2028\u2029\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$)$", re.IGNORECASE)
_IN_QUERY = ("d=", "filepath=")  # /data/local-files/?d=a.jpg, /storage-data/uploaded/?filepath=
_SERVED = re.compile(r"[^?#]*/(data/upload/|data/local-files/|storage-data/uploaded/)")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}$")

# The common case, which needs no change: a path and a name of letters and digits.
_PLAIN = re.compile(r"(?!data:)[\w.:/-]*/([A-Za-z0-9-][\w-]*)(\.[A-Za-z0-9]{1,8})", re.ASCII)

_BUCKETS = 2**14


@dataclass
class UniqueNames:
    """Gives every image a stem of its own; of several equal ones the first stays as it is.

    Stems are compared without case and in one Unicode form, as macOS and Windows do. Called in the
    order of task ids, so that a new task never gets the name of an older one. Only 64 bits of a
    digest are kept of each: if those of two names are equal, one gets a number without need.
    """

    taken: dict[int, array[int]] = field(default_factory=dict)  # by the last bits: little memory

    def given(self, stem: str, extension: str, task_id: int) -> str:
        """An unused stem for a stem and extension of `split`.

        It leaves room for `.txt`, so that an image has the same name in all formats.
        """
        spare = LIMIT - max(len(extension), len(".txt"))
        candidate, count = cut(stem, spare), 1
        while not self._take(_digest(caseless(candidate))):
            suffix = f"-{task_id}" if count == 1 else f"-{task_id}-{count}"
            candidate = cut(stem, spare - len(suffix)) + suffix
            count += 1
        return candidate

    def _take(self, digest: int) -> bool:
        """Whether the digest was unused; it is used then."""
        near = self.taken.setdefault(digest % _BUCKETS, array("Q"))
        if digest in near:
            return False
        near.append(digest)
        return True


def split(address: str, task_id: int) -> tuple[str, str]:
    """Stem and extension of the file in a path or URL, as a valid file name."""
    plain = _PLAIN.fullmatch(address)
    if plain and not is_reserved(plain[1]):
        return plain[1], plain[2]
    return _split(address, task_id)


def _split(address: str, task_id: int) -> tuple[str, str]:
    path = "" if address.startswith("data:") else _path(address)
    path = (unquote(path) if _is_encoded(address) else path).replace("\\", "/")
    name = path.rpartition("/")[2]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    extension = _EXTENSION.search(name)
    stem = name[: extension.start()] if extension else name
    return _valid(stem, f"task-{task_id}"), extension.group() if extension else ""


def folder_name(name: str, fallback: str) -> str:
    """`name` as a valid name of a folder; `fallback` where nothing is left of it."""
    return _valid(_FORBIDDEN.sub("_", name), fallback)


def _valid(stem: str, fallback: str) -> str:
    stem = stem.strip(" .")
    if not stem.strip("_"):
        stem = fallback
    return f"_{stem}" if is_reserved(stem.partition(".")[0].strip()) else stem


def is_reserved(stem: str) -> bool:
    """Whether Windows takes it for a device, with any extension."""
    return _RESERVED.match(stem) is not None


def cut(text: str, limit: int) -> str:
    """The beginning of `text` that takes at most `limit` bytes of UTF-8, no character split."""
    written = text.encode()
    if len(written) > limit:
        text = written[:limit].decode(errors="ignore")
    return text.rstrip(" .")


def caseless(name: str) -> str:
    """The same for all names that macOS or Windows may take for one: Unicode's caseless match.

    Folding alone is not enough: of \u0390 it makes three characters, of the capital, which has no
    character of its own, two.
    """
    if name.isascii():
        return name.casefold()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def _digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def _is_encoded(address: str) -> bool:
    """Whether `%20` in an address is a space: in web addresses, and in what the server serves.

    The key of a bucket, or a path, is as it is.
    """
    scheme, separator, _ = address.partition("://")
    return scheme.lower() in ("http", "https") if separator else bool(_SERVED.match(address))


def _path(address: str) -> str:
    """The path to the file in an address.

    A path of a server may have a query, and a web address a fragment too; the path in the query
    counts where Label Studio has it there. `#` and `?` are part of a key in a bucket.
    """
    scheme, separator, rest = address.partition("://")
    if separator and scheme.lower() not in ("http", "https"):
        return rest
    path, _, query = address.partition("?")
    if path.endswith("/") and query.startswith(_IN_QUERY):
        return query.partition("=")[2].partition("&")[0]
    return path.partition("#")[0] if separator else path
