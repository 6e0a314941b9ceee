"""Lines that are written once and read a few times: few in memory, many in an unnamed file."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

IN_MEMORY = 1 << 20  # bytes


class Spool:
    """Lines of bytes, each with its line end, in the order in which they came.

    The file is on the disk of `folder`; it is gone with this object, or this process.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder))  # noqa: SIM115  (closed by the next line)
        weakref.finalize(self, self._file.close)

    def extend(self, lines: Iterable[bytes]) -> None:
        """Add lines."""
        self._file.seek(0, 2)
        self._file.writelines(lines)

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        for line in self._file:  # noqa: UP028  (`yield from` closes the file where one leaves off)
            yield line
