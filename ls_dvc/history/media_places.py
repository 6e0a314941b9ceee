"""The places that may have media on this machine and in DVC: each checks what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ls_dvc.history.sources import AbsentError
from ls_dvc.history.version import Version
from ls_dvc.io import temporary
from ls_dvc.io.links import KINDS, LinkKind
from ls_dvc.labels.media import MediaEntry
from ls_dvc.media.folder import MediaFolder
from ls_dvc.media.gathered import FilesByHash, Found, files_of
from ls_dvc.media.layout import ARCHIVE, archive_name, archive_start
from ls_dvc.media.store import MediaStore
from ls_dvc.progress import Reporter
from ls_dvc.repo import dvc
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.workspace import Workspace

OTHER_BYTES = "other bytes"


@dataclass(frozen=True)
class SideCacheMedia:
    """The media store in the side cache."""

    store: MediaStore
    name: str = "the side cache"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What it holds."""
        return _stored(self.store, wanted)


@dataclass(frozen=True)
class FolderMedia:
    """A data/media as it is."""

    folder: MediaFolder
    name: str = "data/media as it is"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What it holds."""
        whole = frozenset(file.md5 for file in files_of(wanted) if self.folder.is_whole(file))
        return Found(self.folder, whole)


@dataclass(frozen=True)
class DvcCacheMedia:
    """Objects in DVC's cache; `damaged` are those that were found to have other bytes.

    `kinds` are the links that DVC itself would make: a hardlink to its cache only where the user
    chose hardlinks.
    """

    objects: DvcStore
    store: MediaStore
    kinds: Sequence[LinkKind]
    damaged: set[str] = field(default_factory=set)
    name: str = "DVC's cache"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What it holds."""
        whole = set[str]()
        for file in files_of(wanted):
            path = self.objects.cache_path(file.md5)
            if self.store.verified.is_whole(path, file.md5, file.size):
                whole.add(file.md5)
            elif path.exists():
                self.damaged.add(file.md5)
        reasons = dict.fromkeys(self.damaged, f"{OTHER_BYTES}: the object was changed in place")
        media = FilesByHash(self.objects.cache_path, self.kinds)
        return Found(media, frozenset(whole), reasons)


@dataclass(frozen=True)
class DvcRemoteMedia:
    """Objects in DVC's default remote; they are downloaded into the media store."""

    objects: DvcStore
    store: MediaStore
    report: Reporter
    name: str = "DVC's remote"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What it has, after its download."""
        wrong = set(
            bring(self.objects, self.store, [file.md5 for file in files_of(wanted)], self.report)
        )
        return _stored(self.store, wanted, dict.fromkeys(wrong, OTHER_BYTES))


@dataclass(frozen=True)
class PackedMedia:
    """The archives of a version's data/media, in DVC's cache or remote."""

    version: Version
    objects: DvcStore
    store: MediaStore
    report: Reporter
    name: str = "the archives that DVC holds"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What is in them."""
        names = {archive_name(archive_start(entry.task)) for entry in wanted}
        packs = {name: md5 for name, md5 in self._listing().items() if name in names}
        if not packs:
            raise AbsentError(f"data/media of {self.version.name} has no archives of these")
        folder = MediaFolder(Path(), packs=[*self._paths(packs.values())])
        whole = frozenset(file.md5 for file in files_of(wanted) if folder.is_whole(file))
        return Found(folder, whole)

    def _listing(self) -> Mapping[str, str]:
        out = self.version.media
        if out is None:
            raise AbsentError(f"dvc.lock of {self.version.name} does not name data/media")
        try:
            listing = self.objects.listing(out.md5)
        except FileNotFoundError as error:
            raise AbsentError(f"DVC has no list of {out.path} of {self.version.name}") from error
        return {name: md5 for name, md5 in listing.items() if ARCHIVE.fullmatch(name)}

    def _paths(self, md5s: Iterable[str]) -> Iterator[Path]:
        verified = self.store.verified
        wanted = {md5: [self.objects.cache_path(md5), self.store.path(md5)] for md5 in md5s}
        absent = [md5 for md5 in wanted if not any(p.exists() for p in wanted[md5])]
        bring(self.objects, self.store, absent, self.report)
        for md5, places in wanted.items():
            yield from islice((path for path in places if verified.is_whole(path, md5)), 1)


def bring(objects: DvcStore, store: MediaStore, md5s: Sequence[str], report: Reporter) -> list[str]:
    """Download objects from DVC's remote into the media store; those that had other bytes."""
    if not objects.has_remote:
        raise AbsentError("none is configured")
    present = sorted(objects.in_remote(md5s))
    wrong = []
    bars = report.bar("downloading media from DVC's remote", len(present))
    with bars as bar, temporary.new_folder(store.temporary() / "objects") as folder:
        for path in objects.download(present, folder):
            md5 = path.name
            if store.verified.is_whole(path, md5):
                store.put(path, md5)
            else:
                path.unlink()
                wrong.append(md5)
            bar.advance(1)
    return wrong


def dvc_kinds(workspace: Workspace) -> tuple[LinkKind, ...]:
    """The links to DVC's cache that DVC itself would make."""
    types = dvc.cache_type(workspace.folder)
    allowed = "hardlink" in types or "symlink" in types
    return KINDS if allowed else ("reflink", "copy")


def _stored(
    store: MediaStore, wanted: Iterable[MediaEntry], reasons: Mapping[str, str] | None = None
) -> Found:
    whole = frozenset(file.md5 for file in files_of(wanted) if store.holds(file))
    return Found(FilesByHash(store.path), whole, reasons or {})
