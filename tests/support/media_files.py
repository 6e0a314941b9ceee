"""Media made up for tests: contents, the entries of a map, and a source that is a dict."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from ls_dvc.labels.media import MediaEntry, MediaFile


def media_file(content: bytes, mime: str = "image/jpeg") -> MediaFile:
    md5 = hashlib.md5(content).hexdigest()
    return MediaFile(md5, hashlib.sha256(content).hexdigest(), len(content), mime, 4, 3)


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
