"""The files of a snapshot folder from a pin: a pure function of the pin and the bytes it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ls_dvc.pin.pin import ExportSnapshot, Pin
from ls_dvc.snapshot import replay, server_formats
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.replay import Locate, Passing
from ls_dvc.snapshot.server_formats import ReadArchive
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder, companions


@dataclass(frozen=True)
class Base:
    """A snapshot folder that holds what the first `snapshots` export snapshots of a pin say."""

    folder: SnapshotFolder
    snapshots: int


def snapshot_files(
    pin: Pin, locate: Locate, read_archive: ReadArchive, base: Base | None = None
) -> Iterator[SnapshotFile]:
    """Every file of the snapshot folder of `pin`, but for the manifest.

    `locate` gives the file with the raw JSON of an export snapshot, `read_archive` the archive of
    what the server wrote as one format; both are already checked against the digests in the pin.
    """
    yield from shard_files(pin.snapshots, locate, base)
    yield from companion_files(pin, read_archive)


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


def companion_files(pin: Pin, read_archive: ReadArchive) -> Iterator[SnapshotFile]:
    """The files of the snapshot folder without the shards: label config, class ids, archives."""
    yield from companions(pin.label_config, pin.classes)
    yield from server_formats.files(pin.converted, read_archive)
