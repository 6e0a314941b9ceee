"""What a file of media is, by its first bytes; never by its name, or what a server says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ls_dvc.labels.media import UNKNOWN_TYPE, MediaFile
from ls_dvc.media import audio, isobmff, markup
from ls_dvc.media.image_size import image_size

__all__ = ["HEAD", "described", "image_size", "is_usable", "media_type"]

HEAD = 4096  # this many bytes from the beginning of a file are enough to know its type

# Objects that the editor shows through the browser, so a page in place of the file is an error.
_NO_PAGES = frozenset({"Audio", "AudioPlus", "Image", "Pdf", "Video"})

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),  # larger than 4 GB
    (b"MM\0+", "image/tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
)
_IN_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})  # their sizes in bytes
_TRANSPORT_PACKET = 188  # bytes


def media_type(head: bytes) -> str:
    """The MIME type of a file that begins with these bytes (`HEAD` of them, or all there are).

    A key of `EXTENSIONS`, else `UNKNOWN_TYPE`. Any text that is no markup is `text/plain`.
    """
    return next(filter(None, (look(head) for look in _LOOKS)), UNKNOWN_TYPE)


def is_usable(tag: str, head: bytes) -> bool:
    """Whether a file that begins with these bytes can be what an object with this tag shows.

    An empty file never is; a page of HTML (to log in, or that says what went wrong) is no Image,
    Audio, Video or Pdf.
    """
    return bool(head) and not (tag in _NO_PAGES and media_type(head) == "text/html")


def described(path: Path, md5: str, sha256: str, size: int) -> MediaFile:
    """The file at `path`, whose hashes (hexadecimal) and size in bytes are known already.

    `OSError` when it cannot be read; a broken image has a type, but no width and height.
    """
    with path.open("rb") as file:
        found = media_type(file.read(HEAD))
    width, height = image_size(path, found) or (None, None)
    return MediaFile(md5, sha256, size, found, width, height)


def _by_beginning(head: bytes) -> str | None:
    return next((found for beginning, found in _BEGINNINGS if head.startswith(beginning)), None)


def _in_container(head: bytes) -> str | None:
    """Formats that say what they hold a few bytes later."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _IN_RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[28:36] else "audio/ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        names = {b"webm": "video/webm", b"matroska": "video/x-matroska"}
        return next((names[name] for name in names if name in head[4:64]), None)
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    packets = head[::_TRANSPORT_PACKET][:4]
    return "video/mp2t" if len(packets) > 1 and set(packets) == {0x47} else None


_LOOKS: tuple[Callable[[bytes], str | None], ...] = (
    _by_beginning,
    _in_container,
    isobmff.media_type,
    markup.media_type,
    audio.media_type,
)
