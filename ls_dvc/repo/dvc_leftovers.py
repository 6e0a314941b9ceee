"""What a killed dvc leaves in .dvc/tmp, and later ones of its commands trip over."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ls_dvc.execution import process_table
from ls_dvc.io.files import write_atomically

RWLOCK = "rwlock"


def repair_rwlock(root: Path) -> str:
    """Repair DVC's list of who uses which paths; what was repaired, empty when nothing was.

    DVC writes it in place, so a dvc that is killed leaves it empty or cut, and every later one
    refuses to start. One that is gone is in nobody's way, until another process gets its number.
    """
    path = root / ".dvc" / "tmp" / RWLOCK
    if not path.is_file():
        return ""
    with _nobody_edits(path) as is_ours:
        if not is_ours:
            return ""
        entries = _parsed(path.read_bytes())
        if entries is None:
            path.unlink()
            return f"removed {path}, which a killed dvc had left half-written"
        living = _living(entries, path.stat().st_mtime)
        if living == entries:
            return ""
        write_atomically(path, json.dumps(living).encode())
        return f"removed processes that have ended from {path}"


@contextmanager
def _nobody_edits(path: Path) -> Iterator[bool]:
    """Hold the lock under which DVC edits it, in a few milliseconds; False when another does."""
    with path.with_name(f"{RWLOCK}.lock").open("a") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _parsed(content: bytes) -> dict[str, Any] | None:
    """Readers and writers by path; None when DVC could not read it."""
    try:
        entries = json.loads(content)
        for path, info in _infos(entries):
            if not isinstance(path, str) or not isinstance(info["pid"], int):
                return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return dict(entries)


def _infos(entries: Any) -> Iterator[tuple[Any, Any]]:
    for path, readers in entries.get("read", {}).items():
        yield from ((path, info) for info in readers)
    yield from entries.get("write", {}).items()


def _living(entries: dict[str, Any], noted_at: float) -> dict[str, Any]:
    """Without processes that have ended; a number may belong to one that was started later."""
    gone = {
        info["pid"] for _, info in _infos(entries) if not process_table.ran(info["pid"], noted_at)
    }
    readers = {
        path: [info for info in infos if info["pid"] not in gone]
        for path, infos in entries.get("read", {}).items()
    }
    writers = {
        path: info for path, info in entries.get("write", {}).items() if info["pid"] not in gone
    }
    living = {"write": writers, "read": {path: infos for path, infos in readers.items() if infos}}
    return living if gone else entries
