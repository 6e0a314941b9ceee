"""Media as values: which addresses a task shows, and the file that each of them led to.

The media map holds an entry for each address that was fetched, a JSON line each:

    {"address":"/data/upload/1/a.jpg","height":480,"item":null,"md5":"…","object":"image",
     "sha256":"…","size":51234,"task":7,"type":"image/jpeg","width":640}
    {"address":"/data/upload/1/b.jpg","item":null,"missing":"not-found","object":"image","task":8}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ls_dvc.io import canonical_json

# The types of media, which are known by their first bytes, and how their names end.
EXTENSIONS: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "application/vnd.apple.mpegurl": ".m3u8",
    "audio/aac": ".aac",
    "audio/aiff": ".aiff",
    "audio/amr": ".amr",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jp2": ".jp2",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "text/html": ".html",
    "text/plain": ".txt",
    "video/3gpp": ".3gp",
    "video/mp2t": ".ts",
    "video/mp4": ".mp4",
    "video/mpeg": ".mpg",
    "video/ogg": ".ogv",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-flv": ".flv",
    "video/x-matroska": ".mkv",
    "video/x-ms-asf": ".wmv",
    "video/x-msvideo": ".avi",
}
UNKNOWN_TYPE = "application/octet-stream"
UNKNOWN_EXTENSION = ".bin"
_ALIASES: Mapping[str, frozenset[str]] = {
    "application/vnd.apple.mpegurl": frozenset({".m3u8", ".m3u"}),
    "audio/aac": frozenset({".aac", ".adts"}),
    "audio/aiff": frozenset({".aiff", ".aif", ".aifc"}),
    "audio/mp4": frozenset({".m4a", ".mp4", ".m4b"}),
    "audio/mpeg": frozenset({".mp3", ".mpga"}),
    "audio/ogg": frozenset({".ogg", ".oga", ".opus"}),
    "audio/wav": frozenset({".wav", ".wave"}),
    "image/bmp": frozenset({".bmp", ".dib"}),
    "image/heic": frozenset({".heic", ".heif"}),
    "image/jp2": frozenset({".jp2", ".j2k"}),
    "image/jpeg": frozenset({".jpg", ".jpeg", ".jpe", ".mpo"}),
    "image/tiff": frozenset({".tif", ".tiff", ".dng"}),
    "text/html": frozenset({".html", ".htm", ".xhtml"}),
    "text/plain": frozenset({".txt", ".csv", ".json", ".jsonl", ".md", ".srt", ".tsv", ".vtt"}),
    "video/3gpp": frozenset({".3gp", ".3g2"}),
    "video/mp2t": frozenset({".ts", ".mts", ".m2ts"}),
    "video/mp4": frozenset({".mp4", ".m4v"}),
    "video/mpeg": frozenset({".mpg", ".mpeg"}),
    "video/quicktime": frozenset({".mov", ".qt"}),
    "video/webm": frozenset({".webm", ".weba"}),
    "video/x-matroska": frozenset({".mkv", ".mka"}),
    "video/x-ms-asf": frozenset({".wmv", ".wma", ".asf"}),
}


@dataclass(frozen=True)
class MediaFile:
    """The content of a media file.

    `md5` (DVC's name of it) and `sha256` in hexadecimal, `size` in bytes. `type` is its MIME type
    by its first bytes. `width` and `height` in pixels, as a viewer shows it (after EXIF rotation);
    None for what is no image, or one whose size is not known.
    """

    md5: str
    sha256: str
    size: int
    type: str
    width: int | None = None
    height: int | None = None

    @property
    def extension(self) -> str:
        """How names of its type end, with the dot."""
        return EXTENSIONS.get(self.type, UNKNOWN_EXTENSION)

    @property
    def name(self) -> str:
        """Its path in data/media: `ab/cdef….jpg`, by its MD5."""
        return f"{self.md5[:2]}/{self.md5[2:]}{self.extension}"

    def extension_like(self, wanted: str) -> str:
        """`wanted` (with the dot) where it is right for this type, else the extension.

        Of an unknown type any is right.
        """
        lower = wanted.lower()
        right = lower == self.extension or lower in _ALIASES.get(self.type, ())
        return wanted if right or (self.type == UNKNOWN_TYPE and wanted) else self.extension


class MediaReference(NamedTuple):
    """An address in a task: what object shows it (`tag`: its kind), as which item of a list."""

    task: int
    object: str
    item: int | None
    address: str
    tag: str


@dataclass(frozen=True)
class MediaEntry:
    """A line of the media map: where a task names an address, and what it led to.

    `file` is None where it led to nothing, and `missing` is the reason then.
    """

    task: int
    object: str
    item: int | None
    address: str
    file: MediaFile | None = None
    missing: str = ""

    def document(self) -> dict[str, Any]:
        """The JSON of this entry."""
        reference = {
            "task": self.task,
            "object": self.object,
            "item": self.item,
            "address": self.address,
        }
        if self.file is None:
            return {**reference, "missing": self.missing}
        return {**reference, **vars(self.file)}


TaskMedia = Mapping[str, MediaEntry]
"""Entries by address."""


def lines(entries: Iterable[MediaEntry]) -> bytes:
    """The lines of a part of the media map."""
    return b"".join(canonical_json.line(entry.document()) for entry in entries)


def parse(content: bytes) -> Iterator[MediaEntry]:
    """The entries in a part of the media map; `ValueError` for a line that is none."""
    return (_entry(_document(line)) for line in content.splitlines())


def by_address(content: bytes) -> TaskMedia:
    """The entries in a part of the media map, by address."""
    return {entry.address: entry for entry in parse(content)}


_MD5, _SHA256 = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_REASON = re.compile(r"[a-z][a-z0-9-]*")


def _document(line: bytes) -> Any:
    try:
        return canonical_json.parse(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a line of the media map is no JSON: {error}") from error


def _entry(document: Any) -> MediaEntry:
    """A map comes from a cache or a remote: what is read is checked, as it becomes paths."""
    try:
        task, name, item = document["task"], document["object"], document["item"]
        address = document["address"]
        is_valid = type(task) is int and isinstance(name, str) and isinstance(address, str)
        if not is_valid or not (item is None or type(item) is int):
            raise ValueError("a line of the media map has values of other types")
        if "missing" in document:
            reason = _matching(_REASON, document["missing"])
            return MediaEntry(task, name, item, address, missing=reason)
        return MediaEntry(task, name, item, address, media_file(document))
    except (KeyError, TypeError) as error:
        raise ValueError(f"a line of the media map lacks something: {error}") from error


def media_file(document: Mapping[str, Any]) -> MediaFile:
    """The file in a JSON object; `ValueError` or `KeyError` when it is none."""
    size, width, height = document["size"], document["width"], document["height"]
    numbers = (size, *(each for each in (width, height) if each is not None))
    if not all(type(number) is int and 0 <= number < 2**53 for number in numbers):
        raise ValueError("a size in the media map is no whole number")
    return MediaFile(
        _matching(_MD5, document["md5"]),
        _matching(_SHA256, document["sha256"]),
        size,
        _matching(_TYPE, document["type"]),
        width,
        height,
    )


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{value!r} is not what the media map holds there")
    return value
