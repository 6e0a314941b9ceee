"""Where the media of a version can be had: places, asked in order, the nearest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO

from ls_dvc.history.media_places import (
    DvcCacheMedia,
    DvcRemoteMedia,
    FolderMedia,
    PackedMedia,
    SideCacheMedia,
    dvc_kinds,
)
from ls_dvc.history.refetched_media import RootedMedia, SourceMedia
from ls_dvc.history.snapshot_sources import Connect, dvc_store
from ls_dvc.history.sources import UnavailableError
from ls_dvc.history.version import Version
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.media.folder import MediaFolder
from ls_dvc.media.gathered import MediaPlace, files_of, gather
from ls_dvc.media.layout import LocatedFile, archive_start, first_entries
from ls_dvc.media.signatures import shown
from ls_dvc.progress import Reporter
from ls_dvc.workspace import Workspace

SHOWN = 10
BATCH = 10_000  # files that places are asked for at once
FEW = 50  # of those that are looked at one by one, and perhaps not all
Missing = Mapping[str, Sequence[str]]  # the reasons of all places, by MD5
Entries = Callable[[], Iterable[MediaEntry]]


class MediaSources:
    """The places of the media of one version, from the nearest to the farthest."""

    def __init__(
        self,
        workspace: Workspace,
        version: Version,
        report: Reporter,
        connect: Connect | None = None,
        *,
        is_local: bool = False,
    ) -> None:
        """`connect` is for the source of the media, which is asked last; None: it is not asked.

        `is_local`: nothing but this machine is asked.
        """
        objects, store = dvc_store(workspace), workspace.media_store
        self._version = version
        self.objects = objects
        kinds = dvc_kinds(workspace)
        self.in_cache = DvcCacheMedia(objects, store, kinds)
        here: list[MediaPlace] = [SideCacheMedia(store), self.in_cache]
        if "hardlink" in kinds:  # to what DVC has, so that the same bytes are there once
            here.reverse()
        packed = PackedMedia(version, objects, store, report)
        remote = DvcRemoteMedia(objects, store, report)
        self._places: list[MediaPlace] = [
            *here,
            FolderMedia(MediaFolder(workspace.media, store.verified)),
            *([] if is_local else [packed]),
            RootedMedia(workspace),
            *([] if is_local else [remote]),
        ]
        if connect is not None:
            self._places.append(SourceMedia(workspace, version.pin, connect, report))

    def located(self, entries: Entries) -> Iterator[LocatedFile]:
        """Where each file is that `entries` name, in the order of `archives`.

        After the last one, `UnavailableError` names the first that no place has, if there are any.
        """
        missing: dict[str, Sequence[str]] = {}
        count = 0
        first = iter(first_entries(entries()))
        while batch := list(islice(first, BATCH)):
            count += len(batch)
            gathered = gather(batch, self._places)
            missing.update(gathered.missing)
            for entry in batch if not missing else ():
                assert entry.file is not None  # noqa: S101  (`first_entries`)
                media = gathered.media[entry.file.md5]
                yield LocatedFile(archive_start(entry.task), entry.file, media)
        if missing:
            raise _unavailable(self._version, first_entries(entries()), missing, count)

    def opened(self, entries: Iterable[MediaEntry]) -> Iterator[tuple[MediaFile, BinaryIO]]:
        """The files that any place has, open, one after the other; few are looked for at a time."""
        wanted = iter(entries)
        while batch := list(islice(wanted, FEW)):
            gathered = gather(batch, self._places)
            for file in files_of(batch):
                if file.md5 in gathered.media:
                    with gathered.media[file.md5].open(file) as content:
                        yield file, content


def _unavailable(
    version: Version, entries: Iterable[MediaEntry], missing: Missing, files: int
) -> UnavailableError:
    lost = (entry for entry in entries if entry.file and entry.file.md5 in missing)
    lines = [
        f"\n  {shown(entry.address)} (task {entry.task}):"
        + "".join(f"\n    {reason}" for reason in missing[entry.file.md5 if entry.file else ""])
        for entry in islice(lost, SHOWN)
    ]
    more = [f"\n  … and {len(missing) - SHOWN} more"] if len(missing) > SHOWN else []
    return UnavailableError(
        f"{len(missing)} of {files} media files of the labels {version.pin.fingerprint[:12]} "
        f"cannot be had as they were pinned:{''.join([*lines, *more])}",
        "run `dvc pull` if somebody has pushed the data of this commit, or pin what there is now "
        "with `ls-dvc update`",
    )
