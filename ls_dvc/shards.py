"""The snapshot folder: canonical tasks in shards of fixed id ranges, and a manifest over them.

    data/snapshot/
      manifest.json            what is here, and the fingerprint it makes
      label_config.xml
      classes.json             class names by space, in the order of their ids
      tasks/0000001000.jsonl   the tasks 1000 to 1999, one a line, ordered by id

A changed task touches one shard, so DVC stores one small file anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc import canonical
from ls_dvc.canonical import Task
from ls_dvc.classes import Classes
from ls_dvc.errors import UserError

SIZE = 1000
MANIFEST = "manifest.json"
LABEL_CONFIG = "label_config.xml"
CLASSES = "classes.json"
FORM = 1  # raised whenever the canonical form changes, which changes every fingerprint


@dataclass(frozen=True)
class File:
    """A file of the folder: relative path, content, and how much of what is in it."""

    name: str
    content: bytes
    tasks: int = 0
    annotations: int = 0


@dataclass(frozen=True)
class Entry:
    """A file as the manifest lists it; `sha256` in hexadecimal."""

    sha256: str
    tasks: int = 0
    annotations: int = 0


@dataclass(frozen=True)
class Manifest:
    """What a snapshot folder holds, by relative path."""

    files: Mapping[str, Entry]

    @classmethod
    def of(cls, files: Iterable[File]) -> Manifest:
        """The manifest of `files`; reads them once, keeps none."""
        return cls(
            {
                each.name: Entry(canonical.digest(each.content), each.tasks, each.annotations)
                for each in files
            }
        )

    def with_files(self, files: Iterable[File]) -> Manifest:
        """This one and `files`."""
        return Manifest({**self.files, **Manifest.of(files).files})

    @property
    def fingerprint(self) -> str:
        """The digest of the content alone: tasks, label config and class ids."""
        listing = {name: entry.sha256 for name, entry in self.files.items()}
        return canonical.digest(canonical.line({"form": FORM, "files": listing}))

    @property
    def tasks(self) -> int:
        """How many tasks there are."""
        return sum(entry.tasks for entry in self.files.values())

    @property
    def annotations(self) -> int:
        """How many annotations there are that were not skipped, as the server counts."""
        return sum(entry.annotations for entry in self.files.values())

    def document(self) -> dict[str, Any]:
        """The JSON of `manifest.json`."""
        return {
            "form": FORM,
            "fingerprint": self.fingerprint,
            "tasks": self.tasks,
            "annotations": self.annotations,
            "files": {name: vars(entry) for name, entry in sorted(self.files.items())},
        }


@dataclass(frozen=True)
class Folder:
    """A snapshot folder to read. Every file is checked against the manifest as it is read."""

    path: Path
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

    def tasks(self) -> Iterator[Task]:
        """Every task, ordered by id, one shard in memory at a time."""
        for name in sorted(self.manifest.files):
            if name.startswith("tasks/"):
                for line in self._checked(name).splitlines():
                    yield json.loads(line)

    def check(self) -> None:
        """Read every file against the manifest; `UserError` names the first that differs."""
        for name in self.manifest.files:
            self._checked(name)
        found = {p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file()}
        for name in sorted(found - set(self.manifest.files) - {MANIFEST}):
            raise UserError(f"{self.path / name} does not belong to this snapshot", _RESTORE)

    def _checked(self, name: str) -> bytes:
        path = self.path / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}", _RESTORE) from error
        if canonical.digest(content) != self.manifest.files[name].sha256:
            raise UserError(f"{path} was changed since it was exported", _RESTORE)
        return content


_RESTORE = "`dvc checkout` brings the committed files back, `dvc repro` makes them anew"


def shard(start: int, tasks: Iterable[Task]) -> File:
    """The file of the shard that begins at id `start`; `tasks` canonical, ordered by id."""
    tasks = list(tasks)
    return File(
        name=f"tasks/{start:010d}.jsonl",
        content=b"".join(map(canonical.line, tasks)),
        tasks=len(tasks),
        annotations=sum(map(count_annotations, tasks)),
    )


def companions(config: str, classes: Classes) -> list[File]:
    """The files beside the shards: label config and class ids."""
    spaces = {space: list(names) for space, names in classes.spaces.items()}
    return [File(LABEL_CONFIG, config.encode()), File(CLASSES, canonical.document(spaces))]


def count_annotations(task: Task) -> int:
    """The annotations of a task that were not skipped."""
    return sum(1 for each in task["annotations"] if not each.get("was_cancelled"))


def start_of(task_id: int) -> int:
    """The first id of the shard that a task belongs to."""
    return task_id // SIZE * SIZE


def write(folder: Path, files: Iterable[File]) -> Manifest:
    """Write `files` and the manifest over them into the empty `folder`."""
    (folder / "tasks").mkdir()

    def written() -> Iterator[File]:
        for each in files:
            (folder / each.name).write_bytes(each.content)
            yield each

    made = Manifest.of(written())
    (folder / MANIFEST).write_bytes(canonical.document(made.document()))
    return made


def read(path: Path) -> Folder:
    """The snapshot folder at `path`; `UserError` when there is none, or its manifest is damaged."""
    try:
        document = json.loads((path / MANIFEST).read_bytes())
        listed = {name: Entry(**entry) for name, entry in document["files"].items()}
        recorded = document["fingerprint"]
    except FileNotFoundError as error:
        raise UserError(
            f"there is no snapshot in {path}", "run `dvc repro`, or `dvc pull`"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path / MANIFEST} cannot be read: {error}", _RESTORE) from error
    folder = Folder(path, Manifest(listed))
    if folder.fingerprint != recorded:
        raise UserError(f"{path / MANIFEST} was changed since it was exported", _RESTORE)
    return folder
