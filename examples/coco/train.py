"""Where a trainer would be: a tiny model that says what is in a box by the colors in it.

It reads the data set as torchvision and detectron2 do: a document of annotations for each split,
and the folder of its pictures, in which an image is at its `file_name`. It takes seconds on a CPU
and gives the same numbers in every run; put your own trainer in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from ruamel.yaml import YAML

DATA = Path("data/dataset/COCO")


def boxes(document: Path, root: Path, grid: int) -> Iterator[tuple[int, Any]]:
    """The category of every box and the colors in it, those of `grid` by `grid` fields."""
    coco = json.loads(document.read_bytes())
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    for drawn in coco["annotations"]:
        x, y, width, height = drawn["bbox"]
        with Image.open(root / names[drawn["image_id"]]) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        box = within((x, y, x + width, y + height), picture)
        small = picture.resize((grid, grid), Image.Resampling.BOX, box=box)
        yield drawn["category_id"], np.asarray(small, dtype=np.float64).ravel()


def within(box: tuple[float, ...], picture: Image.Image) -> tuple[float, float, float, float]:
    """The part of a box that is in the picture, at least a pixel wide and high."""
    width, height = picture.size
    left, top = min(max(box[0], 0), width - 1), min(max(box[1], 0), height - 1)
    return left, top, min(max(box[2], left + 1), width), min(max(box[3], top + 1), height)


def main() -> None:
    """Train, look at the boxes of the other split, and write how often the category was right."""
    grid = YAML(typ="safe").load(Path("params.yaml"))["train"]["grid"]
    train, val = (
        list(boxes(DATA / f"{split}.json", DATA / "images" / split, grid))
        for split in ("train", "val")
    )
    if not train:
        raise SystemExit(f"{DATA / 'train.json'}: no boxes to train on")
    kinds = sorted({kind for kind, _ in train})
    centers = np.array([np.mean([c for k, c in train if k == kind], axis=0) for kind in kinds])
    guessed = [kinds[np.square(centers - colors).sum(axis=1).argmin()] for _, colors in val]
    right = sum(guess == kind for guess, (kind, _) in zip(guessed, val, strict=True))
    metrics = {
        "accuracy": round(right / len(val), 4) if val else None,
        "boxes": {"train": len(train), "val": len(val)},
        "categories": len(kinds),
    }
    Path("metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
