"""Images of tasks as JPEG, in two sizes; never the bytes that somebody uploaded."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO, Literal

from ls_dvc.errors import LsDvcError
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.labels.media import MediaEntry
from ls_dvc.media.thumbnails import thumbnail

Size = Literal["small", "large"]
OpenMedia = Callable[[MediaEntry], AbstractContextManager[BinaryIO]]
"""The content of a pinned file at its beginning; `LsDvcError` when no place has it."""

SIDES: dict[Size, int] = {"small": 400, "large": 2000}  # pixels of the longer side
LARGEST = 128 << 20  # bytes of a file that is read
MOST = 48 << 20  # bytes of JPEG that are kept


class Pictures:
    """Makes pictures and keeps the last ones; threads may share it."""

    def __init__(self, open_media: OpenMedia) -> None:
        self._open = open_media
        self._kept = OrderedDict[tuple[str, Size], bytes]()
        self._lock = threading.Lock()

    def picture(self, entry: MediaEntry, size: Size) -> bytes:
        """A JPEG of a pinned image; `LsDvcError` when there is none, or its file is not here."""
        if entry.file is None:
            raise LsDvcError(f"no file is pinned: {entry.missing}")
        key = (entry.file.md5, size)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if entry.file.size > LARGEST:
            raise LsDvcError(f"the image is too large to show: {in_units(entry.file.size)}")
        with self._open(entry) as content:
            made = thumbnail(
                io.BytesIO(content.read(entry.file.size)), entry.file.type, SIDES[size]
            )
        if made is None:
            raise LsDvcError(f"no image can be made of this file ({entry.file.type})")
        self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, Size], made: bytes) -> None:
        with self._lock:
            self._kept[key] = made
            while sum(map(len, self._kept.values())) > MOST:
                self._kept.popitem(last=False)
