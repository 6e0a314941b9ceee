"""Media made up for tests: contents, the entries of a map, and a source that is a dict."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ls_dvc.labels.media import MediaEntry, MediaFile

CONTENTS = (b"one", b"two", b"three")


def media_file(
    content: bytes, mime: str = "image/jpeg", size: tuple[int | None, int | None] = (4, 3)
) -> MediaFile:
    """`size` in pixels."""
    md5 = hashlib.md5(content).hexdigest()
    return MediaFile(md5, hashlib.sha256(content).hexdigest(), len(content), mime, *size)


def picture(width: int, height: int, mime: str = "image/png", gray: int = 0) -> bytes:
    """The content of a real image file, which differs by its shade of gray."""
    content, kind = io.BytesIO(), mime.removeprefix("image/").upper()
    Image.new("RGB", (width, height), (gray, gray, gray)).save(content, kind)
    return content.getvalue()


def at(address: str, found: MediaFile | str) -> MediaEntry:
    """What is at an address: a file, or the reason why nothing is."""
    if isinstance(found, str):
        return MediaEntry(1, "image", None, address, missing=found)
    return MediaEntry(1, "image", None, address, found)


def entry(task: int, content: bytes, mime: str = "image/jpeg") -> MediaEntry:
    address = f"/data/upload/1/{task}.jpg"
    return MediaEntry(task, "image", None, address, media_file(content, mime))


class InMemory:
    """A source of these contents."""

    def __init__(self, *contents: bytes) -> None:
        self.contents: Mapping[str, bytes] = {hashlib.md5(c).hexdigest(): c for c in contents}

    def place(self, file: MediaFile, target: Path) -> None:
        target.write_bytes(self.contents[file.md5])

    def open(self, file: MediaFile) -> BinaryIO:
        return io.BytesIO(self.contents[file.md5])
