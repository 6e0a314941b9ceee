"""Data sets with media whose pins are written by hand: the map is put into the snapshot folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ls_dvc.labels import media
from ls_dvc.labels.media import MediaEntry
from ls_dvc.labels.shards import start_of
from ls_dvc.media.store import MediaStore
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import PinnedMedia
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.media_map import MediaTotals
from ls_dvc.workspace import open_workspace
from support.fake_server import FakeServer
from support.offline import data_set, pin
from support.workspace import Workspace

CONFIG = """<View><Image name="image" value="$image"/><Choices name="kind" toName="image">
<Choice value="A"/></Choices></View>"""


def with_media(path: Path, entries: Iterable[MediaEntry], *formats: str) -> Workspace:
    """A data set whose tasks are those of the entries, pinned; data/snapshot is there."""
    space = data_set(path, ".", *(formats or ("CSV",)), media=True)
    pin_media(space, entries)
    return space


def pin_media(space: Workspace, entries: Iterable[MediaEntry]) -> None:
    """Pin these, as an update would, and make data/snapshot."""
    entries = list(entries)
    (space.path / lockfile.NAME).unlink()
    pin(space, _server(entries))
    space.ls("export")
    opened = open_workspace(space.path)
    folder = snapshot_folder.read(opened.snapshot)
    labels = media_map.without(folder)
    files = list(map_files(entries))
    mapped = labels.patched(files, ())
    contents = [
        SnapshotFile(name, mapped.content(name), entry.counts)
        for name, entry in mapped.manifest.files.items()
    ]
    for old in sorted(opened.snapshot.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    snapshot_folder.write(opened.snapshot, contents)
    listing = {
        name: entry.sha256
        for name, entry in mapped.manifest.files.items()
        if name.startswith(media_map.FOLDER)
    }
    totals = totals_of(entries)
    pinned = PinnedMedia(
        totals.files, totals.bytes, totals.missing, media_map.digest(listing), "0" * 64
    )
    old_pin = lockfile.read(opened.pin)
    lockfile.write(
        opened.pin,
        replace(old_pin, fingerprint=mapped.fingerprint, labels=labels.fingerprint, media=pinned),
    )


def map_files(entries: list[MediaEntry]) -> Iterable[SnapshotFile]:
    starts = sorted({start_of(entry.task) for entry in entries})
    for start in starts:
        some = [entry for entry in entries if start_of(entry.task) == start]
        yield SnapshotFile(media_map.shard_name(start), media.lines(some))
    yield media_map.summary(totals_of(entries))


def totals_of(entries: Iterable[MediaEntry]) -> MediaTotals:
    files = {entry.file.md5: entry.file.size for entry in entries if entry.file}
    return MediaTotals(len(files), sum(files.values()), sum(not entry.file for entry in entries))


def fill(store: MediaStore, *contents: bytes) -> None:
    """As if they had been fetched."""
    from support.media_files import media_file

    for number, content in enumerate(contents):
        path = store.temporary() / str(number)
        path.write_bytes(content)
        store.put(path, media_file(content).md5)


def _server(entries: Iterable[MediaEntry]) -> FakeServer:
    server = FakeServer(label_config=CONFIG)
    for entry in entries:
        server.put(entry.task)
        server.tasks[entry.task]["data"] = {"image": entry.address}
        done = {
            "id": entry.task,
            "was_cancelled": False,
            "result": [
                {
                    "id": "r",
                    "from_name": "kind",
                    "to_name": "image",
                    "type": "choices",
                    "value": {"choices": ["A"]},
                }
            ],
        }
        server.tasks[entry.task]["annotations"] = [done]
    return server
