"""The entries of a ledger on the disk, since of a large project millions may be left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ls_dvc.convert.ledger import LedgerEntry
from ls_dvc.io.spool import Spool

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(LedgerEntry).decode


class SpooledEntries:
    """Entries in their order, those of a few thousand tasks in memory."""

    def __init__(self, folder: Path) -> None:
        self._lines, self._count = Spool(folder), 0

    def extend(self, entries: Iterable[LedgerEntry]) -> None:
        """Add entries."""
        lines = [_encode(entry) + b"\n" for entry in entries]
        self._count += len(lines)
        self._lines.extend(lines)

    def append(self, entry: LedgerEntry) -> None:
        """Add one entry."""
        self.extend([entry])

    def __iter__(self) -> Iterator[LedgerEntry]:
        return map(_decode, self._lines)

    def __len__(self) -> int:
        return self._count
