"""How many tasks and regions a file or folder of the SDK holds."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Counts = tuple[int, int]


def tasks(path: Path) -> Counts:
    """Of a raw export."""
    found = json.loads(path.read_bytes())
    return len(found), sum(len(a["result"]) for task in found for a in task["annotations"])


def _json_min(folder: Path) -> Counts:
    rows = json.loads((folder / "result.json").read_bytes())
    return len(rows), sum(len(row["label"]) for row in rows)


def _csv(folder: Path) -> Counts:
    with (folder / "result.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return len(rows), sum(len(json.loads(row["label"])) for row in rows)


def _coco(folder: Path) -> Counts:
    document: dict[str, Any] = json.loads((folder / "result.json").read_bytes())
    return len(document["images"]), len(document["annotations"])


def _yolo(folder: Path) -> Counts:
    files = list((folder / "labels").iterdir())
    return len(files), sum(len(path.read_text().splitlines()) for path in files)


def _voc(folder: Path) -> Counts:
    files = list((folder / "Annotations").iterdir())
    return len(files), sum(path.read_text().count("<object>") for path in files)


def _conll(folder: Path) -> Counts:
    content = (folder / "result.conll").read_text()
    return content.count("\n\n"), content.count(" B-")


COUNTERS: dict[str, Callable[[Path], Counts]] = {
    "JSON_MIN": _json_min,
    "CSV": _csv,
    "COCO": _coco,
    "YOLO": _yolo,
    "VOC": _voc,
    "CONLL2003": _conll,
}
