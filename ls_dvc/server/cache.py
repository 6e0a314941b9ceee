"""The side cache: raw snapshots by MD5, so that an export needs no server a second time.

Next to them are the parts of results that only a changed shard has to be worked on for again.

It lies in `.dvc/tmp/ls-dvc/`, is not versioned, and may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.io import temporary
from ls_dvc.io.files import locked, md5, sha256_of
from ls_dvc.io.kept_parts import KeptParts
from ls_dvc.io.temporary import TEMPORARY
from ls_dvc.pin.pin import ExportSnapshot

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

    @property
    def parts(self) -> KeptParts:
        """What was made of shards, so that only changed ones are worked on again."""
        return KeptParts(self.root / "parts")

    def path(self, snapshot: ExportSnapshot) -> Path:
        """Where the raw JSON of a snapshot lies, or would lie."""
        return self.root / "snapshots" / f"{snapshot.md5}.json"

    def holds(self, snapshot: ExportSnapshot) -> bool:
        """Whether the complete raw JSON of a snapshot is here; one without tasks has none."""
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

    def put(self, snapshot: ExportSnapshot, file: Path) -> None:
        """Take over the file `file`, of the same disk, as the JSON of a snapshot."""
        path = self.path(snapshot)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.replace(path)

    def archive(self, sha256: str) -> Path:
        """Where the archive of a server's conversion lies, or would lie."""
        return self.root / "converted" / f"{sha256}.tar"

    def holds_archive(self, sha256: str) -> bool:
        """Whether that archive is here, and whole."""
        path = self.archive(sha256)
        return path.is_file() and sha256_of(path) == sha256

    def put_archive(self, file: Path) -> str:
        """Take over the file `file`, of the same disk, as an archive; its SHA-256."""
        sha256 = sha256_of(file)
        path = self.archive(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.replace(path)
        return sha256

    def leftovers(self, needed: Container[str]) -> list[UnneededFile]:
        """Files of no snapshot whose MD5, and no archive whose SHA-256, is in `needed`, by path:

        unneeded ones, interrupted downloads, locks, and what early versions of ls-dvc left.
        """
        patterns = ("snapshots/[!.]*", "converted/[!.]*")
        files = [path for pattern in patterns for path in self.root.glob(pattern)]
        unneeded = [path for path in files if path.is_file() and path.stem not in needed]
        return [_leftover(path) for path in sorted([*unneeded, *temporary.nameless(self.root)])]

    def abandoned(self) -> list[UnneededFile]:
        """Temporary files and folders of processes that have ended, with the bytes in them."""
        return [_leftover(each.path) for each in temporary.leftovers_below(self.root)]

    def remove(self, leftover: UnneededFile) -> None:
        """Remove a file, unless it is being downloaded just now (`LsDvcError`)."""
        if leftover.path.name.startswith(TEMPORARY):
            temporary.discard(leftover.path)
            return
        lock = leftover.path.with_suffix(".lock")
        with locked(lock, wait=0, busy=f"another ls-dvc is downloading {leftover.path.name}"):
            leftover.path.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder for as long as the block runs; what killed runs left is swept first."""
        with temporary.new_folder(self.root / "scratch") as folder:
            yield folder


def _leftover(path: Path) -> UnneededFile:
    return UnneededFile(path, temporary.size_of(path), path.stat().st_mtime)
