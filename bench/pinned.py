"""Pins without a server: raw snapshots as one would export them, where an export looks for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from material import Kind

from ls_dvc.convert import writers
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, Pin, Probe
from ls_dvc.server.cache import Cache
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest

URL, PROJECT = "http://127.0.0.1:9", 1  # nothing listens there
_AT = {"created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-02T00:00:00.000000Z"}


@dataclass(frozen=True)
class Shelf:
    """The side cache of a repository, into which snapshots of `tasks` tasks are put."""

    cache: Cache
    kind: Kind
    tasks: int

    def pin(self) -> Pin:
        """A pin of all tasks, in one snapshot."""
        md5 = self._put((each, self.kind.task(each)) for each in range(1, self.tasks + 1))
        return self._pinned([ExportSnapshot(1, "range", md5, self.tasks, 1, self.tasks)])

    def path(self, pin: Pin) -> Path:
        """The raw JSON of all tasks."""
        return self.cache.path(pin.snapshots[0])

    def changed(self, pin: Pin, numbers: Sequence[int]) -> Pin:
        """The pin after the labels of some tasks were drawn anew."""
        after = len(pin.snapshots)
        md5 = self._put((each, self._drawn(each, after)) for each in numbers)
        return self._pinned([*pin.snapshots, ExportSnapshot(after + 1, "delta", md5, len(numbers))])

    def _drawn(self, number: int, times: int) -> dict[str, Any]:
        """A task whose labels were drawn anew so many times."""
        other = self.kind.task(times * self.tasks + number)
        return {**self.kind.task(number), "annotations": other["annotations"]}

    def _put(self, tasks: Iterable[tuple[int, dict[str, Any]]]) -> str:
        """Put a snapshot of numbered tasks into the side cache; its MD5."""
        folder = self.cache.root / "snapshots"
        folder.mkdir(parents=True, exist_ok=True)
        fresh, md5 = folder / "fresh", hashlib.md5(usedforsecurity=False)
        with fresh.open("wb") as out:
            for part in _array(tasks):
                md5.update(part)
                out.write(part)
        fresh.replace(folder / f"{md5.hexdigest()}.json")
        return md5.hexdigest()

    def _pinned(self, snapshots: Sequence[ExportSnapshot]) -> Pin:
        config = label_config.parse(self.kind.label_config, "the label config")
        classes = Classes().extended(config.classes(), config.class_ids())
        made = Manifest.of(replay.files(replay.tasks(snapshots, self.cache.path)))
        beside = snapshot_folder.companions(self.kind.label_config, classes)
        return Pin(
            fingerprint=made.with_files(beside).fingerprint,
            project_id=PROJECT,
            title="Many",
            url=URL,
            tasks=self.tasks,
            annotations=self.tasks,
            label_config=self.kind.label_config,
            snapshots=tuple(snapshots),
            probe=Probe(self.tasks, self.tasks, 0, _AT["updated_at"], "c", "s"),
            classes=classes,
            pinned_at=_AT["updated_at"],
        )


def pin(folder: Path, pinned: Pin) -> None:
    """Write the pin of a repository, with the writers of this ls-dvc."""
    lockfile.write(folder / lockfile.NAME, writers.stamped(pinned, FORMATS))


def _array(tasks: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[bytes]:
    before = "["
    for number, each in tasks:
        yield (before + json.dumps(_exported(number, each), ensure_ascii=False)).encode()
        before = ","
    yield b"]"


def _exported(number: int, imported: dict[str, Any]) -> dict[str, Any]:
    """A task as the server exports it, bookkeeping and all."""
    ours = {
        "id": number,
        "completed_by": 1,
        "was_cancelled": False,
        "ground_truth": False,
        "unique_id": f"0b3c1d2e-0000-4000-8000-{number:012}",
        "parent_annotation": None,
        "result_count": len(imported["annotations"][0]["result"]),
        "task": number,
        "project": PROJECT,
        **_AT,
        **imported["annotations"][0],
    }
    empty: dict[str, list[Any]] = {"predictions": [], "drafts": [], "comment_authors": []}
    counts = {"total_annotations": 1, "cancelled_annotations": 0, "total_predictions": 0}
    task = {"id": number, "inner_id": number, "project": PROJECT, "meta": {}, "updated_by": 1}
    return {**task, "data": imported["data"], "annotations": [ours], **empty, **counts, **_AT}
