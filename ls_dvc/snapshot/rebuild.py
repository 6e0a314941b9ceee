"""The files of a snapshot folder from a pin: a pure function of the pin and the bytes it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ls_dvc.pin.pin import ExportSnapshot, Pin
from ls_dvc.snapshot import replay, server_formats, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.media_map import ReadMap
from ls_dvc.snapshot.replay import Locate, Passing
from ls_dvc.snapshot.server_formats import ReadArchive
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk, SnapshotFolder


@dataclass(frozen=True)
class Base:
    """A snapshot folder that holds what the first `snapshots` export snapshots of a pin say."""

    folder: SnapshotFolder
    snapshots: int


@dataclass(frozen=True)
class Companions:
    """What a snapshot folder holds besides labels, already checked against the digests in the pin.

    `archive` gives the archive of what the server wrote as one format, `media_map` the files of the
    media map.
    """

    archive: ReadArchive
    media_map: ReadMap

    def files(self, pin: Pin) -> Iterator[SnapshotFile]:
        """The files without the shards: label config, class ids, archives, media map."""
        yield from snapshot_folder.companions(pin.label_config, pin.classes)
        yield from server_formats.files(pin.converted, self.archive)
        if pin.media is not None:
            yield from self.media_map(pin.media)


def snapshot_files(
    pin: Pin, locate: Locate, companions: Companions, base: Base | None = None
) -> Iterator[SnapshotFile]:
    """Every file of the snapshot folder of `pin`, but for the manifest.

    `locate` gives the file with the raw JSON of an export snapshot, already checked against the
    MD5 in the pin.
    """
    yield from shard_files(pin.snapshots, locate, base)
    yield from companions.files(pin)


def labels_of(pin: Pin, locate: Locate, folder: Path, base: Base | None = None) -> SnapshotFolder:
    """The labels of a pin alone, written into the empty `folder`."""
    companions = snapshot_folder.companions(pin.label_config, pin.classes)
    files = chain(shard_files(pin.snapshots, locate, base), companions)
    return SnapshotFolder(FolderOnDisk(folder), snapshot_folder.write(folder, files))


def shard_files(
    snapshots: Sequence[ExportSnapshot],
    locate: Locate,
    base: Base | None = None,
    passing: Passing = iter,
) -> Iterator[SnapshotFile]:
    """The shards of the tasks in `snapshots`; every task that is replayed goes through `passing`.

    With a `base`, only the export snapshots after it are read, and only the shards they touch.
    """
    if base is None:
        return replay.files(passing(replay.tasks(snapshots, locate)))
    deltas = [replay.layer(snapshot, locate) for snapshot in snapshots[base.snapshots :]]
    return replay.over(base.folder, deltas, passing).files()
