"""The side cache: raw snapshots by MD5, so that an export needs no server a second time.

It lies in `.dvc/tmp/ls-dvc/`, is not versioned, and may be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from dataclasses import asdict, dataclass
from pathlib import Path

from ls_dvc import canonical
from ls_dvc.files import TEMPORARY, locked, md5, write_atomically
from ls_dvc.lock import Probe, Snapshot

Download = Callable[[Snapshot, Path], None]


@dataclass(frozen=True)
class Leftover:
    """A file in the side cache. `size` in bytes, `used_at` in Unix seconds of the file's clock."""

    path: Path
    size: int
    used_at: float


@dataclass(frozen=True)
class Cache:
    """The side cache in the folder `root`, which need not exist yet."""

    root: Path

    def path(self, snapshot: Snapshot) -> Path:
        """Where the raw JSON of a snapshot lies, or would lie."""
        return self.root / "snapshots" / f"{snapshot.md5}.json"

    def holds(self, snapshot: Snapshot) -> bool:
        """Whether the raw JSON of a snapshot is here, and whole."""
        path = self.path(snapshot)
        return path.is_file() and md5(path) == snapshot.md5

    def get(self, snapshot: Snapshot, download: Download) -> Path:
        """The file with the raw JSON of a snapshot, downloaded when it is not here.

        A download that broke stays, and the next one goes on from there.
        """
        path = self.path(snapshot)
        if self.holds(snapshot):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        busy = f"another ls-dvc is downloading snapshot {snapshot.id}"
        with locked(path.with_suffix(".lock"), wait=600, busy=busy):
            if not self.holds(snapshot):
                download(snapshot, part)
                part.replace(path)
        return path

    def leftovers(self, needed: Container[str]) -> list[Leftover]:
        """Everything that is of no snapshot with an MD5 in `needed`, by path: those that nobody
        needs, downloads that broke, locks, and what killed writers left."""
        files = [*self.root.glob("snapshots/*"), *self.root.glob(f"{TEMPORARY}*")]
        kept = (each for each in files if each.is_file())
        return [_leftover(each) for each in sorted(kept) if each.stem not in needed]

    def remove(self, leftover: Leftover) -> None:
        """Remove a file, unless it is being downloaded just now (`UserError`)."""
        lock = leftover.path.with_suffix(".lock")
        if leftover.path.parent == self.root:
            leftover.path.unlink(missing_ok=True)
            return
        with locked(lock, wait=0, busy=f"another ls-dvc is downloading {leftover.path.name}"):
            leftover.path.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)

    def remember(self, fingerprint: str, probe: Probe) -> None:
        """Note that the server's state `probe` was seen to hold just these labels."""
        content = canonical.document({"fingerprint": fingerprint, "probe": asdict(probe)})
        write_atomically(self.root / "seen.json", content)

    def remembered(self, fingerprint: str) -> Probe | None:
        """The state noted for these labels, if it is the last one noted."""
        try:
            noted = json.loads((self.root / "seen.json").read_bytes())
            return Probe(**noted["probe"]) if noted["fingerprint"] == fingerprint else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _leftover(path: Path) -> Leftover:
    found = path.stat()
    return Leftover(path, found.st_size, found.st_mtime)
