"""A script that prints a digest for every file that ls-dvc writes of some projects.

Its arguments are a file of projects, `[{"name", "config", "tasks"}]`, and the formats to write. It
needs nothing but ls_dvc and msgspec, so that it runs where nothing else is installed.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from ls_dvc.convert import build, report_files
from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config, media
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.policy import Policy, Split
from ls_dvc.media.references import references
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.progress import Silent
from ls_dvc.settings.media import MediaSettings
from ls_dvc.snapshot import media_map, replay, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile, start_in
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

NEED_MEDIA = ("WEBDATASET", "YOLO_CLS")
EVERYTHING = MediaSettings(tasks="all")
PICTURES: dict[str, bytes] = {}
POLICY = Policy(annotations="all", split=Split((("train", 0.7), ("val", 0.3)), None))


def main(projects: str, *formats: str) -> None:
    digests = {
        f"{project['name']}/{path}": hashlib.sha256(content).hexdigest()
        for project in json.loads(Path(projects).read_bytes())
        for path, content in files(project, formats)
    }
    sys.stdout.write(json.dumps({"python": sys.version.split()[0], "digests": digests}))


def files(project: dict[str, Any], formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The snapshot folder, then of each format its files and reports, or the error it ends with."""
    config = label_config.parse(project["config"], "the project")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "export.json"
        source.write_text(json.dumps(project["tasks"]))
        exported = ExportSnapshot(1, "range", "m", len(project["tasks"]), first=0, last=2**62)
        tasks = replay.files(replay.tasks([exported], lambda _: source))
        beside = snapshot_folder.companions(project["config"], Classes().extended(config.classes()))
        (Path(name) / "snapshot").mkdir()
        snapshot_folder.write(Path(name) / "snapshot", chain(tasks, beside))
        folder = snapshot_folder.read(Path(name) / "snapshot")
        pictured = with_media(folder, config)
        yield "fingerprint", folder.fingerprint.encode()
        for each in formats:
            source_folder = pictured if each in NEED_MEDIA else folder
            yield from built(source_folder, each, Path(name) / each)


def with_media(folder: SnapshotFolder, config: LabelConfig) -> SnapshotFolder:
    """The same with a picture at every address that a task shows."""
    parts = [media_map.summary(media_map.MediaTotals(0, 0, 0))]
    for name in folder.manifest.shards:
        entries = [
            MediaEntry(task, shown, item, address, picture(address))
            for each in folder.tasks_in(name)
            for task, shown, item, address, _ in references(each, config, EVERYTHING)
        ]
        part = media_map.shard_name(start_in(name))
        parts += [SnapshotFile(part, media.lines(entries))] if entries else []
    return folder.patched(parts, ())


def picture(address: str) -> MediaFile:
    """Its content is the address."""
    content = address.encode(errors="surrogateescape")
    md5, sha256 = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
    PICTURES[md5] = content
    return MediaFile(md5, sha256, len(content), "image/jpeg", 640, 480)


class Pictures:
    """A source of the pictures."""

    def place(self, file: MediaFile, target: Path) -> None:
        target.write_bytes(PICTURES[file.md5])

    def open(self, file: MediaFile) -> BinaryIO:
        return io.BytesIO(PICTURES[file.md5])


def built(folder: SnapshotFolder, name: str, fresh: Path) -> Iterator[tuple[str, bytes]]:
    fresh.mkdir()
    options = build.BuildOptions([name], POLICY, media=Pictures())
    try:
        made = build.build(fresh, folder, options, Silent())
    except LsDvcError as error:
        yield f"{name}/error", str(error).encode()
        return
    for path in sorted(each for each in fresh.rglob("*") if each.is_file()):
        yield path.relative_to(fresh.parent).as_posix(), path.read_bytes()
    yield f"{name}/labels.json", report_files.labels(made.counts, made.ledgers)
    yield f"{name}/ledger.json", b"".join(report_files.ledger(made.ledgers))


if __name__ == "__main__":
    main(*sys.argv[1:])
