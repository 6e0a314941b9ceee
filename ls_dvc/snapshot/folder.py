"""The snapshot folder: canonical tasks in shards of fixed id ranges, and a manifest over them.

    data/snapshot/
      manifest.json            what is here, and the fingerprint it makes
      label_config.xml
      classes.json             class names by space, in the order of their ids
      tasks/0000001000.jsonl   the tasks 1000 to 1999, one a line, ordered by id
      converted/               what the server wrote of them, if it was to; see `converted`

A changed task touches one shard, so DVC stores one small file anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from ls_dvc.errors import LsDvcError
from ls_dvc.labels import canonical
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import control_of, named_labels

SIZE = 1000
SHARDS = "tasks/"
MANIFEST = "manifest.json"
LABEL_CONFIG = "label_config.xml"
CLASSES = "classes.json"
FORM = 1  # raised whenever the canonical form changes, which changes every fingerprint


@dataclass(frozen=True)
class SnapshotCounts:
    """What is in a file. Annotations that were skipped count nowhere but in `skipped`.

    `labels` counts regions by control and label; `annotators` annotations by user id, which
    is text because JSON's keys are. `columns` counts tasks by the keys of their data. `controls`
    are the names that any regions refer to, `predicted` those that regions of predictions do; both
    sorted. `models` counts predictions by what made them, and `predicted_at` is when the newest of
    them was made, by the server's clock.
    """

    tasks: int = 0
    annotations: int = 0
    predictions: int = 0
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    annotators: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    skipped: int = 0
    models: Mapping[str, int] = field(default_factory=dict)
    predicted_at: str = ""

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> SnapshotCounts:
        """The counts of canonical tasks."""
        tasks = list(tasks)
        made = [each for task in tasks for each in task["annotations"]]
        done = [each for each in made if not each.get("was_cancelled")]
        guessed = [each for task in tasks for each in task["predictions"]]
        guesses = [each.get("result") for each in guessed]
        found = Counter(pair for each in done for r in each["result"] for pair in named_labels(r))
        by = Counter(str(each["completed_by"]) for each in done if "completed_by" in each)
        return cls(
            tasks=len(tasks),
            annotations=len(done),
            predictions=len(guessed),
            labels=_nested(found),
            annotators=_by_name(by),
            columns=_by_name(Counter(key for task in tasks for key in _data(task))),
            controls=_controls(each["result"] for each in made),
            predicted=_controls(each for each in guesses if isinstance(each, list)),
            skipped=len(made) - len(done),
            models=_by_name(Counter(filter(None, map(_model, guessed)))),
            predicted_at=max((str(each.get("created_at", "")) for each in guessed), default=""),
        )

    @classmethod
    def sum(cls, parts: Iterable[SnapshotCounts]) -> SnapshotCounts:
        """All of `parts` together."""
        parts = list(parts)
        labels, by, columns = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
        models = Counter[str]()
        for part in parts:
            labels.update({(c, n): k for c, some in part.labels.items() for n, k in some.items()})
            by.update(part.annotators)
            columns.update(part.columns)
            models.update(part.models)
        return cls(
            tasks=sum(part.tasks for part in parts),
            annotations=sum(part.annotations for part in parts),
            predictions=sum(part.predictions for part in parts),
            labels=_nested(labels),
            annotators=_by_name(by),
            columns=_by_name(columns),
            controls=_sorted(each for part in parts for each in part.controls),
            predicted=_sorted(each for part in parts for each in part.predicted),
            skipped=sum(part.skipped for part in parts),
            models=_by_name(models),
            predicted_at=max((part.predicted_at for part in parts), default=""),
        )


@dataclass(frozen=True)
class SnapshotFile:
    """A file of the folder: relative path, content, and how much of what is in it."""

    name: str
    content: bytes
    counts: SnapshotCounts = field(default_factory=SnapshotCounts)


@dataclass(frozen=True)
class ManifestEntry:
    """A file as the manifest lists it; `sha256` in hexadecimal."""

    sha256: str
    counts: SnapshotCounts = field(default_factory=SnapshotCounts)

    def document(self) -> dict[str, Any]:
        """The JSON of this entry; counts of nothing are left out."""
        counts = {key: value for key, value in vars(self.counts).items() if value}
        return {"sha256": self.sha256, **counts}


@dataclass(frozen=True)
class Manifest:
    """What a snapshot folder holds, by relative path."""

    files: Mapping[str, ManifestEntry]

    @classmethod
    def of(cls, files: Iterable[SnapshotFile]) -> Manifest:
        """The manifest of `files`; reads them once, keeps none."""
        return cls({f.name: ManifestEntry(canonical.digest(f.content), f.counts) for f in files})

    def with_files(self, files: Iterable[SnapshotFile]) -> Manifest:
        """This one and `files`."""
        return Manifest({**self.files, **Manifest.of(files).files})

    def without(self, names: Iterable[str]) -> Manifest:
        """This one, but for the files with these names."""
        return Manifest({name: self.files[name] for name in self.files.keys() - set(names)})

    @cached_property
    def fingerprint(self) -> str:
        """The digest of the content alone: tasks, label config and class ids."""
        listing = {name: entry.sha256 for name, entry in self.files.items()}
        return canonical.digest(canonical.line({"form": FORM, "files": listing}))

    @cached_property
    def counts(self) -> SnapshotCounts:
        """The counts of all files."""
        return SnapshotCounts.sum(entry.counts for entry in self.files.values())

    @property
    def shards(self) -> Mapping[str, str]:
        """The SHA-256 of each shard by its name, in the order of the ids in them."""
        names = sorted(name for name in self.files if name.startswith(SHARDS))
        return {name: self.files[name].sha256 for name in names}

    def document(self) -> dict[str, Any]:
        """The JSON of `manifest.json`."""
        return {
            "form": FORM,
            "fingerprint": self.fingerprint,
            "tasks": self.counts.tasks,
            "annotations": self.counts.annotations,
            "files": {name: entry.document() for name, entry in sorted(self.files.items())},
        }


class SnapshotSource(Protocol):
    """Where the files of a snapshot folder are: on the disk, or in DVC's cache at a commit."""

    def read(self, name: str) -> bytes:
        """The content of the file with this relative path; `OSError` when it is not there."""

    def names(self) -> set[str]:
        """The relative paths of all files."""

    def __str__(self) -> str:
        """How to name it to a user."""


@dataclass(frozen=True)
class FolderOnDisk:
    """A folder on the disk."""

    path: Path

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return (self.path / name).read_bytes()

    def names(self) -> set[str]:
        """Every file below the folder."""
        files = (each for each in self.path.rglob("*") if each.is_file())
        return {each.relative_to(self.path).as_posix() for each in files}

    def __str__(self) -> str:
        """The path as the user gave it."""
        return str(self.path)


@dataclass(frozen=True)
class PatchedSource:
    """Another source, with the content of some files in place of what it has there."""

    source: SnapshotSource
    contents: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return self.contents[name] if name in self.contents else self.source.read(name)

    def names(self) -> set[str]:
        """Those of the source, and the new ones."""
        return self.source.names() | self.contents.keys()

    def __str__(self) -> str:
        """The name of the other source."""
        return str(self.source)


@dataclass(frozen=True)
class SnapshotFolder:
    """A snapshot folder to read. Every file is checked against the manifest as it is read."""

    source: SnapshotSource
    manifest: Manifest

    @property
    def fingerprint(self) -> str:
        """What the labels in here are called."""
        return self.manifest.fingerprint

    def config(self) -> str:
        """The XML of the label config."""
        return self._checked(LABEL_CONFIG).decode()

    def classes(self) -> Classes:
        """The class ids."""
        return Classes.of(json.loads(self._checked(CLASSES)))

    def content(self, name: str) -> bytes:
        """The content of any file."""
        return self._checked(name)

    def files(self) -> Iterator[SnapshotFile]:
        """Every shard as it is, in the order of the ids in them."""
        for name in self.manifest.shards:
            yield SnapshotFile(name, self._checked(name), self.manifest.files[name].counts)

    def tasks(self) -> Iterator[Task]:
        """Every task, ordered by id, one shard in memory at a time."""
        for name in self.manifest.shards:
            yield from self.tasks_in(name)

    def lines_in(self, name: str) -> list[bytes]:
        """The lines of one shard, a task each, ordered by id; none when there is no such shard."""
        content = self._checked(name) if name in self.manifest.files else b""
        return content.removesuffix(b"\n").split(b"\n") if content else []

    def tasks_in(self, name: str) -> Iterator[Task]:
        """The tasks of one shard, ordered by id; none when there is no such shard."""
        return map(canonical.parse, self.lines_in(name))

    def task(self, task_id: int) -> Task | None:
        """One task; None when it is not in here."""
        within = self.tasks_in(shard_name(start_of(task_id)))
        return next((each for each in within if each["id"] == task_id), None)

    def patched(self, files: Iterable[SnapshotFile], gone: Iterable[str]) -> SnapshotFolder:
        """This folder with `files` in it and without those called `gone`; nothing is written."""
        files = list(files)
        contents = {each.name: each.content for each in files}
        return SnapshotFolder(
            PatchedSource(self.source, contents), self.manifest.without(gone).with_files(files)
        )

    def check(self, known: set[str] | None = None) -> None:
        """Read every file against the manifest; `LsDvcError` names the first that differs.

        `known` are the SHA-256 of content that was found good where these files are; it grows.
        """
        known = set() if known is None else known
        for name, entry in self.manifest.files.items():
            if entry.sha256 not in known:
                self._checked(name)
                known.add(entry.sha256)
        for name in sorted(self.source.names() - set(self.manifest.files) - {MANIFEST}):
            raise LsDvcError(f"{self.source}/{name} does not belong to this snapshot", _RESTORE)

    def _checked(self, name: str) -> bytes:
        where = f"{self.source}/{name}"
        try:
            content = self.source.read(name)
        except OSError as error:
            raise LsDvcError(f"cannot read {where}: {error.strerror or error}", _RESTORE) from error
        if canonical.digest(content) != self.manifest.files[name].sha256:
            raise LsDvcError(f"{where} was changed since it was exported", _RESTORE)
        return content


_RESTORE = "`dvc checkout` brings the committed files back, `dvc repro` makes them anew"


def shard(start: int, tasks: Iterable[Task]) -> SnapshotFile:
    """The file of the shard that begins at id `start`; `tasks` canonical, ordered by id."""
    tasks = list(tasks)
    return SnapshotFile(
        shard_name(start), b"".join(map(canonical.line, tasks)), SnapshotCounts.of(tasks)
    )


def shard_name(start: int) -> str:
    """The relative path of the shard that begins at id `start`."""
    return f"{SHARDS}{start:010d}.jsonl"


def start_in(name: str) -> int:
    """The first id of the shard with this relative path."""
    return int(name.removeprefix(SHARDS).partition(".")[0])


def companions(config: str, classes: Classes) -> list[SnapshotFile]:
    """The files beside the shards: label config and class ids."""
    registry = canonical.document(classes.document())
    return [SnapshotFile(LABEL_CONFIG, config.encode()), SnapshotFile(CLASSES, registry)]


def start_of(task_id: int) -> int:
    """The first id of the shard that a task belongs to."""
    return task_id // SIZE * SIZE


def write(folder: Path, files: Iterable[SnapshotFile]) -> Manifest:
    """Write `files` and the manifest over them into the empty `folder`."""
    (folder / SHARDS).mkdir()

    def written() -> Iterator[SnapshotFile]:
        for each in files:
            path = folder / each.name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(each.content)
            yield each

    made = Manifest.of(written())
    (folder / MANIFEST).write_bytes(canonical.document(made.document()))
    return made


def read(source: SnapshotSource | Path) -> SnapshotFolder:
    """The snapshot folder at `source`; `LsDvcError` when none is there, or its manifest is bad."""
    source = FolderOnDisk(source) if isinstance(source, Path) else source
    where = f"{source}/{MANIFEST}"
    try:
        document = json.loads(source.read(MANIFEST))
        listed = {name: _entry(**entry) for name, entry in document["files"].items()}
        recorded = document["fingerprint"]
    except FileNotFoundError as error:
        raise LsDvcError(
            f"there is no snapshot in {source}", "run `dvc repro`, or `dvc pull`"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LsDvcError(f"{where} cannot be read: {error}", _RESTORE) from error
    folder = SnapshotFolder(source, Manifest(listed))
    if folder.fingerprint != recorded:
        raise LsDvcError(f"{where} was changed since it was exported", _RESTORE)
    return folder


def _entry(sha256: str, **counts: Any) -> ManifestEntry:
    lists: dict[str, Any] = {k: tuple(v) for k, v in counts.items() if isinstance(v, list)}
    return ManifestEntry(sha256, SnapshotCounts(**{**counts, **lists}))


def _data(task: Task) -> Mapping[str, Any]:
    data = task.get("data")
    return data if isinstance(data, Mapping) else {}


def _model(prediction: Mapping[str, Any]) -> str | None:
    name = prediction.get("model_version")
    return name if isinstance(name, str) else None


def _controls(results: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    return _sorted(filter(None, (control_of(region) for each in results for region in each)))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names}))


def _by_name(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """By control, then by label, both sorted: the order of tasks must not matter."""
    found: dict[str, dict[str, int]] = {}
    for (control, label), count in sorted(counts.items()):
        found.setdefault(control, {})[label] = count
    return found
