"""Media for tests: entries of the media map, and a source that has their contents in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ls_dvc.labels.media import MediaEntry, MediaFile


@dataclass
class FakeMedia:
    """Contents by MD5, and the entries that lead to them, by address."""

    contents: dict[str, bytes] = field(default_factory=dict)
    entries: dict[str, MediaEntry] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def has(self, address: str, content: bytes, kind: str, task: int = 1) -> MediaFile:
        """A file at an address, of a MIME type."""
        size = Image.open(io.BytesIO(content)).size if kind in PILLOWS else (None, None)
        digests = (hashlib.md5(content, usedforsecurity=False), hashlib.sha256(content))
        md5, sha256 = (each.hexdigest() for each in digests)
        file = MediaFile(md5, sha256, len(content), kind, *size)
        self.contents[md5] = content
        self.entries[address] = MediaEntry(task, "image", None, address, file)
        return file

    def lacks(self, address: str, task: int = 1, reason: str = "not-found") -> None:
        """An address that led to nothing."""
        self.entries[address] = MediaEntry(task, "image", None, address, missing=reason)

    def place(self, file: MediaFile, target: Path) -> None:
        target.write_bytes(self.contents[file.md5])

    def open(self, file: MediaFile) -> BinaryIO:
        """As an archive has it: other content follows."""
        self.opened.append(file.md5)
        return io.BytesIO(self.contents[file.md5] + b"what follows")


PILLOWS: Mapping[str, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF"}


def picture(red: int, kind: str = "image/png", size: tuple[int, int] = (4, 3)) -> bytes:
    """A small picture of one color."""
    out = io.BytesIO()
    Image.new("RGB", size, (red, 0, 0)).save(out, PILLOWS[kind])
    return out.getvalue()
