"""What fetched addresses led to, noted as it arrives, so that an update that was cut goes on there.

A SQLite file in the media store. What is older than a day is not relied upon: a fetch that is not
the continuation of another asks again. Validators are kept for good.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from ls_dvc.labels.media import MediaFile, media_file
from ls_dvc.media.results import Fetched
from ls_dvc.media.store import MediaStore

KEPT_SECONDS = 24 * 3600
_COLUMNS = (
    " (server text, address text, file text, missing text, validator text, at real,"
    " primary key (server, address)) without rowid"
)

_DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)  # messages quote what is in the file


@dataclass(frozen=True)
class NotedMedia:
    """What an address led to: a file, or nothing, for a reason."""

    file: MediaFile | None
    missing: str = ""


@dataclass(frozen=True)
class Journal:
    """The notes about the addresses of one server; used by one thread."""

    connection: sqlite3.Connection
    server: str

    def save(self, address: str, arrival: NotedMedia, validator: str = "") -> None:
        """Note what an address led to, now."""
        document = json.dumps(vars(arrival.file)) if arrival.file else ""
        row = (self.server, address, document, arrival.missing, validator, time.time())
        with self.connection:
            self.connection.execute("insert or replace into arrived values (?,?,?,?,?,?)", row)

    def arrival(self, address: str, since: float) -> NotedMedia | None:
        """What an address led to at `since` (Unix seconds) or later; None when it is not noted."""
        row = self.connection.execute(
            "select file, missing from arrived where server = ? and address = ? and at >= ?",
            (self.server, address, since),
        ).fetchone()
        if row is None:
            return None
        document, missing = row
        file = _noted(document)
        return NotedMedia(file, str(missing)) if file or not document else None

    def fetched(self, address: str) -> Fetched | None:
        """The file that an address led to last, whenever that was, with its validator."""
        row = self.connection.execute(
            "select file, validator from arrived where server = ? and address = ? and file != ''",
            (self.server, address),
        ).fetchone()
        file = _noted(row[0]) if row else None
        return Fetched(address, file, str(row[1])) if file else None


def _noted(document: str) -> MediaFile | None:
    """The file in a note; None for nothing, and where the note is damaged."""
    try:
        return media_file(json.loads(document)) if document else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


@contextmanager
def opened(store: MediaStore, server: str) -> Iterator[Journal]:
    """The journal of a store; begun anew where its file is damaged."""
    store.root.mkdir(parents=True, exist_ok=True)
    path = store.root / "arrived.sqlite"
    try:
        connection = _connected(str(path))
    except _DAMAGED:
        path.unlink()
        connection = _connected(str(path))
    with closing(connection):
        yield Journal(connection, server)


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute("pragma synchronous = off")
        connection.execute(f"create table if not exists arrived{_COLUMNS}")
        _check(connection)
    except _DAMAGED:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """`DatabaseError` unless every note can be read, though what it says may be damaged."""
    made = connection.execute("select sql from sqlite_master where name = 'arrived'").fetchone()
    found = connection.execute("pragma quick_check(1)").fetchone()
    if (made, found) != ((f"CREATE TABLE arrived{_COLUMNS}",), ("ok",)):
        raise sqlite3.DatabaseError("it is damaged")
    connection.text_factory = lambda text: text.decode(errors="replace")
