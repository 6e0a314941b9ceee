"""A data set to browse, written without an update: pictures, texts, a recording, hostile text."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import wave
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from ls_dvc.demo.pictures import HEIGHT, WIDTH, png, scenes
from ls_dvc.io.canonical_json import document
from ls_dvc.labels import canonical, label_config, media
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.shards import start_of
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import PinnedMedia
from ls_dvc.snapshot import media_map, replay, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile
from support import changed_labels
from support.media_pins import with_media
from support.pins import PIN
from support.workspace import BIN, Workspace, clean_environment, interruptible

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.hacked=1</script></svg>"
AWAY = "/data/upload/1/away.png"  # pinned, and nowhere


def data_set(path: Path, more: int = 0) -> Workspace:
    """The tasks of `changed_labels.after()`, one whose picture is a script, `more` with a text.

    The picture of the last one, 5000, is away.
    """
    tasks = changed_labels.after()
    tasks[50] = {"data": {"image": "/data/upload/1/script.png"}, "annotations": []}
    for number in range(1000, 1000 + more):
        tasks[number] = {"data": {"text": f"line {number}"}, "annotations": []}
    tasks[5000] = {"data": {"image": AWAY}, "annotations": []}
    space = with_media(path)
    files = {
        address: (_put(path / "data/media", content, kind, size))
        for address, content, kind, size in _contents()
    }
    (path / "data/media" / files[AWAY].name).unlink()
    _write(space, dict(sorted(tasks.items())), files)
    return space


def _contents() -> Iterator[tuple[str, bytes, str, tuple[int, int] | None]]:
    for scene in scenes(8):
        yield f"/data/upload/1/{scene.name}", png(scene), "image/png", (WIDTH, HEIGHT)
    yield "/data/upload/1/call.wav", silence(), "audio/wav", None
    yield "/data/upload/1/script.png", SCRIPT, "image/svg+xml", None
    yield AWAY, b"away", "image/png", (10, 10)


def silence() -> bytes:
    """A WAV of one second."""
    written = io.BytesIO()
    with wave.open(written, "wb") as recording:
        recording.setparams((1, 2, 8000, 8000, "NONE", ""))
        recording.writeframes(bytes(16_000))
    return written.getvalue()


def _put(folder: Path, content: bytes, kind: str, size: tuple[int, int] | None) -> MediaFile:
    digests = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
    file = MediaFile(*digests, len(content), kind, *(size or (None, None)))
    (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
    (folder / file.name).write_bytes(content)
    return file


def _write(
    space: Workspace, tasks: Mapping[int, dict[str, Any]], files: Mapping[str, MediaFile]
) -> None:
    config = changed_labels.CONFIG
    classes = Classes().extended(label_config.parse(config, "test").classes())
    shards = replay.files(canonical.task({"id": number, **task}) for number, task in tasks.items())
    folder = space.path / "data/snapshot"
    folder.mkdir(parents=True)
    companions = snapshot_folder.companions(config, classes)
    mapped = [*_map(tasks, files)]
    manifest = snapshot_folder.write(folder, [*companions, *shards, *mapped])
    totals = media_map.totals(snapshot_folder.read(folder))
    assert totals is not None
    parts = {name: file.sha256 for name, file in manifest.files.items() if "media/" in name}
    pinned = PinnedMedia(*vars(totals).values(), media_map.digest(parts), "a" * 64)
    new = {"tasks": len(tasks), "label_config": config, "classes": classes, "media": pinned}
    pin = replace(PIN, fingerprint=manifest.fingerprint, labels="b" * 64, **new)
    lockfile.write(space.path / lockfile.NAME, pin)
    ledger = {"COCO": [{"task": 3, "reason": "other-annotation"}], "CSV": []}
    (space.path / "reports").mkdir(exist_ok=True)
    (space.path / "reports/ledger.json").write_bytes(document(ledger))


def _map(
    tasks: Mapping[int, dict[str, Any]], files: Mapping[str, MediaFile]
) -> Iterator[SnapshotFile]:
    entries = [*_entries(tasks, files)]
    for start, group in groupby(entries, key=lambda entry: start_of(entry.task)):
        yield SnapshotFile(media_map.shard_name(start), media.lines(group))
    size = sum(file.size for file in files.values())
    yield media_map.summary(media_map.MediaTotals(len(files), size, 0))


def _entries(
    tasks: Mapping[int, dict[str, Any]], files: Mapping[str, MediaFile]
) -> Iterable[MediaEntry]:
    for number, task in tasks.items():
        for name in ("image", "audio"):
            if file := files.get(task["data"].get(name, "")):
                yield MediaEntry(number, name, None, task["data"][name], file)


@contextmanager
def browsed(space: Workspace, *arguments: str) -> Iterator[str]:
    """The address of an `ls-dvc browse`, which is interrupted in the end and exits with 0."""
    started = subprocess.Popen(
        [str(BIN / "ls-dvc"), "browse", *arguments],
        cwd=space.path,
        env={**clean_environment(), **space.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    )
    assert started.stdout is not None
    try:
        address = started.stdout.readline().strip()
        assert address, started.communicate(timeout=20)
        yield address
    finally:
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=20)
    assert (started.returncode, out) == (0, ""), err
    assert "Traceback" not in err
