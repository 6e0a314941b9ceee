"""A script that prints a digest for every file that ls-dvc writes of some projects.

Its arguments are a file of projects, `[{"name", "config", "tasks"}]`, and the formats to write. It
needs nothing but ls_dvc and msgspec, so that it runs where nothing else is installed.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from ls_dvc.convert import build, report_files
from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.progress import Silent
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

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
        yield "fingerprint", folder.fingerprint.encode()
        for each in formats:
            yield from built(folder, each, Path(name) / each)


def built(folder: SnapshotFolder, name: str, fresh: Path) -> Iterator[tuple[str, bytes]]:
    fresh.mkdir()
    try:
        made = build.build(fresh, folder, build.BuildOptions([name], POLICY), Silent())
    except LsDvcError as error:
        yield f"{name}/error", str(error).encode()
        return
    for path in sorted(each for each in fresh.rglob("*") if each.is_file()):
        yield path.relative_to(fresh.parent).as_posix(), path.read_bytes()
    yield f"{name}/labels.json", report_files.labels(made.counts, made.ledgers)
    yield f"{name}/ledger.json", b"".join(report_files.ledger(made.ledgers))


if __name__ == "__main__":
    main(*sys.argv[1:])
