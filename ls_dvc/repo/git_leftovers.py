"""Lock files of git that a killed git, or a dvc that used the index, has left."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path

from ls_dvc.execution import process_table
from ls_dvc.io.standard_error import tell

# A git that waits for a hook has closed its lock; programs that bring a git along (dvc, editors)
# have theirs open, for as long as they write.
_SECONDS = 1.0  # that a lock is left alone, so that its maker was there to be seen
_IN_THE_WAY = re.compile(r"^(?:fatal|error): .*nable to create '(.+\.lock)': File exists", re.M)


def lock_in(words: str) -> Path | None:
    """The lock file that git says is in its way; None when it says something else."""
    found = _IN_THE_WAY.search(words)
    return Path(found[1]) if found else None


def remove_lock(path: Path, root: Path) -> bool:
    """Remove a lock file of the repository `root` if its owner is surely gone; say so."""
    before = _stat(path)
    if before is None:
        return True
    time.sleep(max(0.0, min(_SECONDS, before[1] + _SECONDS - time.time())))
    is_dead = process_table.is_surely_free(path.resolve(), root.resolve(), "git")
    if not is_dead or _stat(path) != before:
        return not path.exists()
    with suppress(FileNotFoundError):
        path.unlink()
    tell(f"removed {path}, which a killed git had left")
    return True


def hint(path: Path) -> str:
    """What to do about a lock file whose owner may be there."""
    return f"wait for the git that is at work here; if there is none, run `rm '{path}'`"


def _stat(path: Path) -> tuple[int, float] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime
