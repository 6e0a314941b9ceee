"""Where a trainer would be: a tiny model that says what is in a box by the colors in it.

It reads the data set as YOLO trainers do: data.yaml names the folders of images, and the labels of
an image are at its path with `labels` for the last `images`. It takes seconds on a CPU and gives
the same numbers in every run; put your own trainer in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from ruamel.yaml import YAML

DATA = Path("data/dataset/YOLO/data.yaml")


def read_yaml(path: Path) -> Any:
    """What a YAML file says."""
    return YAML(typ="safe").load(path)


def labels_of(image: Path) -> Path:
    """Where the labels of an image are."""
    before, _, after = image.as_posix().rpartition("/images/")
    return Path(f"{before}/labels/{after}").with_suffix(".txt")


def boxes(images: Path, grid: int) -> Iterator[tuple[int, Any]]:
    """The class of every box and the colors in it, those of `grid` by `grid` fields."""
    for path in sorted(each for each in images.rglob("*") if each.is_file()):
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        for line in labels_of(path).read_text().splitlines():
            kind, *numbers = line.split()
            x, y, width, height = map(float, numbers)
            edges = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            box = tuple(edge * size for edge, size in zip(edges, picture.size * 2, strict=True))
            small = picture.resize((grid, grid), Image.Resampling.BOX, box=within(box, picture))
            yield int(kind), np.asarray(small, dtype=np.float64).ravel()


def within(box: tuple[float, ...], picture: Image.Image) -> tuple[float, float, float, float]:
    """The part of a box that is in the picture, at least a pixel wide and high."""
    width, height = picture.size
    left, top = min(max(box[0], 0), width - 1), min(max(box[1], 0), height - 1)
    return left, top, min(max(box[2], left + 1), width), min(max(box[3], top + 1), height)


def main() -> None:
    """Train, look at the boxes of the other split, and write how often the class was right."""
    grid = read_yaml(Path("params.yaml"))["train"]["grid"]
    data = read_yaml(DATA)
    train, val = (list(boxes(DATA.parent / data[split], grid)) for split in ("train", "val"))
    if not train:
        raise SystemExit(f"{DATA}: no boxes to train on")
    kinds = sorted({kind for kind, _ in train})
    centers = np.array([np.mean([c for k, c in train if k == kind], axis=0) for kind in kinds])
    guessed = [kinds[np.square(centers - colors).sum(axis=1).argmin()] for _, colors in val]
    right = sum(guess == kind for guess, (kind, _) in zip(guessed, val, strict=True))
    metrics = {
        "accuracy": round(right / len(val), 4) if val else None,
        "boxes": {"train": len(train), "val": len(val)},
        "classes": len(data["names"]),
    }
    Path("metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
