"""Where the snapshot folder of a version, and each piece that it is rebuilt from, can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from ls_dvc.errors import LsDvcError
from ls_dvc.history import recovery
from ls_dvc.history.sources import AbsentError, Source, first_available
from ls_dvc.history.version import Version, head_version
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.store import MediaStore
from ls_dvc.pin.pin import ExportSnapshot, Pin, PinnedMedia, ServerConversion
from ls_dvc.progress import Reporter
from ls_dvc.repo import paths
from ls_dvc.repo.dvc import DvcStore, StoredFolder
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import ConversionRequest, fetch_conversion, fetch_snapshot
from ls_dvc.server.interface import Server
from ls_dvc.snapshot import media_map, rebuild, server_formats, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.rebuild import Base, Companions
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk, SnapshotFolder, SnapshotSource
from ls_dvc.workspace import Workspace

Connect = Callable[[], Server]


def dvc_store(workspace: Workspace) -> DvcStore:
    """DVC's cache and remote for a data set."""
    return DvcStore(paths.dvc_root(workspace.folder))


def folder_sources(workspace: Workspace, version: Version) -> list[Source[SnapshotFolder]]:
    """The places that may have the whole snapshot folder of a version."""
    return [
        Source("the workspace", lambda: matching_folder(FolderOnDisk(workspace.snapshot), version)),
        Source("DVC's cache and remote", lambda: _stored(workspace, version)),
    ]


def _stored(workspace: Workspace, version: Version) -> SnapshotFolder:
    if version.snapshot is None:
        raise AbsentError(f"dvc.lock of {version.name} does not name the data")
    name = f"{version.snapshot.path} of {version.name}"
    return matching_folder(StoredFolder(dvc_store(workspace), version.snapshot.md5, name), version)


def matching_folder(source: SnapshotSource, version: Version) -> SnapshotFolder:
    """The snapshot folder at `source`; `AbsentError` if it holds other labels than the pin's."""
    folder = snapshot_folder.read(source)
    if folder.fingerprint != version.pin.fingerprint:
        raise AbsentError(f"{source} holds the labels {folder.fingerprint[:12]}")
    return folder


@dataclass(frozen=True)
class CachedPieces:
    """What a snapshot folder is rebuilt from, as the side cache has it."""

    cache: Cache

    def raw_json(self, snapshot: ExportSnapshot) -> Path:
        """The file with the raw JSON of an export snapshot."""
        if not self.cache.holds(snapshot):
            raise AbsentError(f"snapshot {snapshot.id} is not in it")
        return self.cache.path(snapshot)

    def archive(self, conversion: ServerConversion) -> bytes:
        """The archive of what the server wrote as one format."""
        if not self.cache.holds_archive(conversion.sha256):
            raise AbsentError(f"what the server wrote as {conversion.format} is not in it")
        return self.cache.archive(conversion.sha256).read_bytes()

    def snapshot_files(self, pin: Pin) -> Iterator[SnapshotFile]:
        """The files of a pin's snapshot folder; `AbsentError` at once when a piece is missing."""
        for snapshot in pin.snapshots:
            self.raw_json(snapshot)
        for conversion in pin.converted:
            if conversion.sha256:
                self.archive(conversion)
        companions = Companions(self.archive, self.media_map)
        if pin.media is not None:
            self.media_map(pin.media)
        return rebuild.snapshot_files(pin, self.cache.path, companions)

    def media_map(self, media: PinnedMedia) -> list[SnapshotFile]:
        """The files of a media map."""
        try:
            return list(MapCache.of(MediaStore.of(self.cache)).files(media.map))
        except FileNotFoundError:
            raise AbsentError(f"the media map {media.map[:12]} is not in it") from None
        except ValueError as error:
            raise AbsentError(str(error)) from None


@dataclass(frozen=True)
class PinnedPieces:
    """What the snapshot folder of the workspace's pin is rebuilt from, wherever it can be had.

    The server is asked only for what nothing else has.
    """

    workspace: Workspace
    pin: Pin
    connect: Connect
    report: Reporter

    def snapshot_files(self) -> Iterator[SnapshotFile]:
        """The files of the snapshot folder; `UnavailableError` for a piece that no source has."""
        companions = Companions(self.archive, self.media_map)
        return rebuild.snapshot_files(self.pin, self.raw_json, companions, self._replayed_over)

    def raw_json(self, snapshot: ExportSnapshot) -> Path:
        """The file with the raw JSON of an export snapshot."""
        sources = [
            Source("the side cache", lambda: self._cached.raw_json(snapshot)),
            *self._missing_base(),
            Source(self.pin.url, lambda: self._download(snapshot)),
        ]
        what = f"snapshot {snapshot.id} of the labels {self.pin.fingerprint[:12]}"
        return first_available(what, sources, recovery.export_hint(self.pin))

    def archive(self, conversion: ServerConversion) -> bytes:
        """The archive of what the server wrote as one format."""
        sources = [
            Source("the side cache", lambda: self._cached.archive(conversion)),
            Source("the data of HEAD", lambda: self._archive_of_base(conversion)),
            Source(self.pin.url, lambda: self._convert(conversion)),
        ]
        labels = self.pin.fingerprint[:12]
        what = f"what the server wrote as {conversion.format} of the labels {labels}"
        return first_available(what, sources, recovery.export_hint(self.pin))

    def media_map(self, media: PinnedMedia) -> list[SnapshotFile]:
        """The files of the media map."""
        sources = [
            Source("the side cache", lambda: self._cached.media_map(media)),
            Source("the data of HEAD", lambda: self._map_of_base(media)),
            Source("the addresses in the tasks", lambda: self._map_made_again(media)),
        ]
        what = f"the media map of the labels {self.pin.fingerprint[:12]}"
        return first_available(what, sources, recovery.export_hint(self.pin))

    @property
    def _cached(self) -> CachedPieces:
        return CachedPieces(self.workspace.cache)

    @cached_property
    def _base(self) -> Base | LsDvcError:
        """The data of HEAD, if the pin was built on it; else why not."""
        try:
            version = head_version(self.workspace)
            if version is None or not _is_built_on(self.pin, version.pin):
                raise AbsentError("the pin was not built on the labels of HEAD")
            sources = folder_sources(self.workspace, version)
            folder = first_available("the data of HEAD", sources, "")
            return Base(folder, len(version.pin.snapshots))
        except LsDvcError as error:
            return error

    @property
    def _replayed_over(self) -> Base | None:
        return self._base if isinstance(self._base, Base) else None

    def _missing_base(self) -> list[Source[Path]]:
        """Only for its reason: with the data of HEAD none of its snapshots is asked for."""
        missing = isinstance(self._base, LsDvcError)
        return [Source("the data of HEAD", self._fail_without_base)] if missing else []

    def _fail_without_base(self) -> NoReturn:
        assert isinstance(self._base, LsDvcError)  # noqa: S101  (asked only then)
        raise self._base

    def _archive_of_base(self, conversion: ServerConversion) -> bytes:
        if isinstance(self._base, LsDvcError):
            raise self._base
        archive = server_formats.archive_in(self._base.folder, conversion)
        if archive is None:
            raise AbsentError("it has another archive, or none")
        return archive

    def _map_of_base(self, media: PinnedMedia) -> list[SnapshotFile]:
        if isinstance(self._base, LsDvcError):
            raise self._base
        listing = {
            name: entry.sha256
            for name, entry in self._base.folder.manifest.files.items()
            if name.startswith(media_map.FOLDER)
        }
        if media_map.digest(listing) != media.map:
            raise AbsentError("it has another media map, or none")
        return list(media_map.files(self._base.folder))

    def _map_made_again(self, media: PinnedMedia) -> list[SnapshotFile]:
        """By fetching everything: the map is the pinned one if no byte changed meanwhile."""
        from ls_dvc.media.fetch import Fetcher
        from ls_dvc.update import MediaUpdate

        settings = self.workspace.params.fetched_media
        if settings is None or settings.digest != media.settings:
            raise AbsentError("label_studio.media in params.yaml asks for other media")
        store, project = self.workspace.media_store, self.pin.project_id
        fetcher = Fetcher(self.connect(), settings, self.workspace.folder, project, store)
        with self.workspace.cache.scratch() as folder:
            labels = rebuild.labels_of(self.pin, self.raw_json, folder, self._replayed_over)
            again = MediaUpdate(settings, store, fetcher).pinned(
                labels, None, self.report, same=False
            )
        if again.map != media.map:
            raise AbsentError("not all of them lead to what they led to when they were pinned")
        return self._cached.media_map(media)

    def _download(self, snapshot: ExportSnapshot) -> Path:
        if snapshot.kind == "bulk":
            raise AbsentError(
                "the labels were sent in one request (update.method: bulk), which no server can "
                "repeat"
            )
        self.report.say(f"downloading snapshot {snapshot.id} ({snapshot.tasks} tasks)")
        return fetch_snapshot(self.connect(), snapshot, self.workspace.cache)

    def _convert(self, conversion: ServerConversion) -> bytes:
        (snapshot,) = self.pin.snapshots
        self.report.say(f"the server converts snapshot {snapshot.id} to {conversion.format}")
        seconds = self.workspace.params.update.conversion_seconds
        request = ConversionRequest(snapshot, conversion.format, seconds)
        cache = self.workspace.cache
        with cache.scratch() as folder:
            sha256 = fetch_conversion(self.connect(), request, cache, folder)
        if sha256 != conversion.sha256:
            raise AbsentError(
                f"it writes snapshot {snapshot.id} as {conversion.format} otherwise than when it "
                "was pinned: its version, or the project's label config, is another one"
            )
        return cache.archive(sha256).read_bytes()


def _is_built_on(pin: Pin, older: Pin) -> bool:
    """Whether all that `older` names are the first snapshots of `pin`, of the same project."""
    same_project = (older.url, older.project_id) == (pin.url, pin.project_id)
    return same_project and pin.snapshots[: len(older.snapshots)] == older.snapshots
