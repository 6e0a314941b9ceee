"""The other side: the SDK's plain flow, started as the same kind of process, checked likewise."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import BenchError, Cost, Shell
from project import LABEL_CONFIG, Project

from ls_dvc.embedded import Studio

PLAIN = str(Path(__file__).with_name("plain.py"))
Counts = tuple[int, int]


class Theirs:
    """A folder for one project; each method is one run of plain.py, checked to be complete."""

    def __init__(self, folder: Path, studio: Studio, project: Project) -> None:
        folder.mkdir(parents=True)
        self._shell = Shell(folder, studio.api_key)
        self._url, self._project = studio.url, project
        self._source, self._target = folder / "export.json", folder / "converted"
        self._config = folder / "config.xml"
        self._config.write_text(LABEL_CONFIG)

    def export(self) -> Cost:
        """A fresh snapshot of the whole project, downloaded."""
        self._source.unlink(missing_ok=True)
        cost = self._run("export", self._url, str(self._project.number), str(self._source))
        self._expect("the download", _tasks(self._source))
        return cost

    def convert(self, name: str) -> Cost:
        """The download in one format."""
        shutil.rmtree(self._target, ignore_errors=True)
        paths = (self._source, self._config, self._target)
        cost = self._run("convert", name, *map(str, paths))
        self._expect(f"the SDK's {name}", COUNTERS[name](self._target))
        return cost

    def _run(self, *arguments: str) -> Cost:
        return self._shell.run(sys.executable, PLAIN, *arguments)[1]

    def _expect(self, what: str, found: Counts) -> None:
        wanted = (self._project.tasks, self._project.boxes)
        if found != wanted:
            raise BenchError(f"{what} holds {found} (tasks, boxes), not {wanted}")


def _tasks(path: Path) -> Counts:
    tasks = json.loads(path.read_bytes())
    return len(tasks), sum(len(a["result"]) for task in tasks for a in task["annotations"])


def _json(folder: Path) -> Counts:
    return _tasks(folder / "result.json")


def _json_min(folder: Path) -> Counts:
    rows = json.loads((folder / "result.json").read_bytes())
    return len(rows), sum(len(row["box"]) for row in rows)


def _table(delimiter: str) -> Callable[[Path], Counts]:
    def count(folder: Path) -> Counts:
        with (folder / "result.csv").open(newline="") as lines:  # TSV, too, has this name
            rows = list(csv.DictReader(lines, delimiter=delimiter))
        return len(rows), sum(len(json.loads(row["box"])) for row in rows)

    return count


def _coco(folder: Path) -> Counts:
    document: dict[str, Any] = json.loads((folder / "result.json").read_bytes())
    return len(document["images"]), len(document["annotations"])


def _yolo(folder: Path) -> Counts:
    files = list((folder / "labels").iterdir())
    return len(files), sum(len(path.read_text().splitlines()) for path in files)


COUNTERS: dict[str, Callable[[Path], Counts]] = {
    "JSON": _json,
    "JSON_MIN": _json_min,
    "CSV": _table(","),
    "TSV": _table("\t"),
    "COCO": _coco,
    "YOLO": _yolo,
}
