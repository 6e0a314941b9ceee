"""The demo's trainer: a script that learns colors, its settings, and a DVC stage that runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ls_dvc.io.yaml_files import read_text
from ls_dvc.settings import params

SCRIPT = "train.py"
METRICS = "metrics.json"
ADD_STAGE = (
    f"dvc stage add -q -n train -d data/dataset/YOLO -d {SCRIPT} -p train -M {METRICS} "
    f"python {SCRIPT}"
)
AGAIN = "dvc repro --force --single-item train"
SPLIT = "{train: 0.5, val: 0.5, by: camera}"
GRID = 4


def prepare(folder: Path) -> None:
    """Put the script into a repository that `ls-dvc init` was run in, and its settings."""
    (folder / SCRIPT).write_bytes(Path(__file__).with_name(SCRIPT).read_bytes())
    path = folder / params.NAME
    text = read_text(path).replace("  split: {}", f"  split: {SPLIT}", 1)
    path.write_text(f"{text}\ntrain:\n  grid: {GRID}\n")


def metrics(folder: Path) -> bytes:
    """What the trainer wrote."""
    return (folder / METRICS).read_bytes()


def summary(content: bytes) -> str:
    """Metrics in a few words."""
    read: dict[str, Any] = json.loads(content)
    right, boxes = read["accuracy"], read["boxes"]
    return f"accuracy {right} in {boxes['val']} boxes, after training on {boxes['train']}"


def a_picture(folder: Path) -> tuple[str, str]:
    """A picture that the trainer learns from, always that of one scene, and its labels.

    Both are paths in `folder`. Label Studio puts random characters before the names of uploads.
    """
    train = folder / "data" / "dataset" / "YOLO" / "images" / "train"
    (image,) = (path.relative_to(folder) for path in train.glob("*street-02.png"))
    labels = Path(*("labels" if part == "images" else part for part in image.parts))
    return image.as_posix(), labels.with_suffix(".txt").as_posix()
