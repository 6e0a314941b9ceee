"""The side cache: raw snapshots by MD5, so that an export needs no server a second time.

It lies in `.dvc/tmp/ls-dvc/`, is not versioned, and may be deleted at any time.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ls_dvc.io import canonical_json
from ls_dvc.io.files import TEMPORARY, locked, md5, sha256_of, write_atomically
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.server.interface import ServerState

LANDED_SECONDS = 6 * 3600.0  # after which a cut export is begun anew

Download = Callable[[ExportSnapshot, Path], None]


@dataclass(frozen=True)
class UnneededFile:
    """A file in the side cache. `size` in bytes, `used_at` in Unix seconds of the file's clock."""

    path: Path
    size: int
    used_at: float


@dataclass(frozen=True)
class Cache:
    """The side cache in the folder `root`, which need not exist yet.

    `owner` names the data set that writes, of all in the DVC repository.
    """

    root: Path
    owner: str = ""

    def path(self, snapshot: ExportSnapshot) -> Path:
        """Where the raw JSON of a snapshot lies, or would lie."""
        return self.root / "snapshots" / f"{snapshot.md5}.json"

    def holds(self, snapshot: ExportSnapshot) -> bool:
        """Whether the raw JSON of a snapshot is here, and whole; one without tasks has none."""
        if not snapshot.md5:
            return True
        path = self.path(snapshot)
        return path.is_file() and md5(path) == snapshot.md5

    def get(self, snapshot: ExportSnapshot, download: Download) -> Path:
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

    def put(self, snapshot: ExportSnapshot, made: Path) -> None:
        """Take over the file `made`, of the same disk, as the JSON of a snapshot."""
        path = self.path(snapshot)
        path.parent.mkdir(parents=True, exist_ok=True)
        made.replace(path)

    def archive(self, sha256: str) -> Path:
        """Where the archive of a server's conversion lies, or would lie."""
        return self.root / "converted" / f"{sha256}.tar"

    def holds_archive(self, sha256: str) -> bool:
        """Whether that archive is here, and whole."""
        path = self.archive(sha256)
        return path.is_file() and sha256_of(path) == sha256

    def put_archive(self, made: Path) -> str:
        """Take over the file `made`, of the same disk, as an archive; its SHA-256."""
        sha256 = sha256_of(made)
        path = self.archive(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        made.replace(path)
        return sha256

    def leftovers(self, needed: Container[str]) -> list[UnneededFile]:
        """Everything that is of no snapshot with an MD5 in `needed`, and no archive with a SHA-256
        in it, by path: those that nobody needs, downloads that broke, locks, and what killed
        writers left."""
        here = ("snapshots/*", "converted/*", f"{TEMPORARY}*")
        files = [path for each in here for path in self.root.glob(each)]
        kept = (each for each in files if each.is_file())
        return [_leftover(each) for each in sorted(kept) if each.stem not in needed]

    def remove(self, leftover: UnneededFile) -> None:
        """Remove a file, unless it is being downloaded just now (`UserError`)."""
        lock = leftover.path.with_suffix(".lock")
        if leftover.path.parent == self.root:
            leftover.path.unlink(missing_ok=True)
            return
        with locked(lock, wait=0, busy=f"another ls-dvc is downloading {leftover.path.name}"):
            leftover.path.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)

    def land(self, url: str, begun: ServerState, snapshots: Iterable[ExportSnapshot]) -> None:
        """Note which ranges of an export that was begun in that state the server has finished."""
        ranges = [asdict(each) for each in snapshots]
        noted = {"url": url, "begun": asdict(begun), "ranges": ranges}
        write_atomically(self._landed(begun.project_id), canonical_json.document(noted))

    def landed(self, url: str, now: ServerState) -> tuple[ServerState, list[ExportSnapshot]] | None:
        """The state and the ranges of an export that was cut short, if it can be taken up."""
        path = self._landed(now.project_id)
        try:
            noted = json.loads(path.read_bytes())
            probe = Probe(**noted["begun"].pop("probe"))
            begun = ServerState(**noted["begun"], probe=probe)
            ranges = [
                ExportSnapshot(**{**each, "removed": tuple(each["removed"])})
                for each in noted["ranges"]
            ]
            fresh = time.time() - path.stat().st_mtime < LANDED_SECONDS
        except (OSError, ValueError, KeyError, TypeError):
            return None
        same = noted["url"] == url and replace(now, probe=probe, title=begun.title) == begun
        return (begun, ranges) if same and fresh else None

    def forget_landed(self, project_id: int) -> None:
        """No export of a project is to be taken up."""
        self._landed(project_id).unlink(missing_ok=True)

    def _landed(self, project_id: int) -> Path:
        return self.root / f"landed-{project_id}.json"

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder for as long as the block runs; only for the one writer of the data set.

        What a killed run left is swept first.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        prefix = f"{TEMPORARY}{self.owner}-"
        for leftover in self.root.glob(f"{prefix}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=self.root) as name:
            yield Path(name)

    def remember(self, fingerprint: str, probe: Probe) -> None:
        """Note that the server's state `probe` was seen to hold just these labels."""
        content = canonical_json.document({"fingerprint": fingerprint, "probe": asdict(probe)})
        write_atomically(self.root / "seen.json", content)

    def remembered(self, fingerprint: str) -> Probe | None:
        """The state noted for these labels, if it is the last one noted."""
        try:
            noted = json.loads((self.root / "seen.json").read_bytes())
            return Probe(**noted["probe"]) if noted["fingerprint"] == fingerprint else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _leftover(path: Path) -> UnneededFile:
    found = path.stat()
    return UnneededFile(path, found.st_size, found.st_mtime)
