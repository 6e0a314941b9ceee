"""How ultralytics' classification trainer reads a folder, by its rules and those of torchvision.

Facts of ultralytics 8.3 and 8.4 and of torchvision 0.18, written down here anew: `train/` must be
there with images, the first of `val/`, `validation/`, `valid/` validates, `test/` tests. The names
of the model's classes are the sorted folders of `train/`; each split numbers its own sorted
folders, so others there are other numbers. Files with another extension are not looked at.
"""

from __future__ import annotations

from pathlib import Path

FOUND = {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}


def read(folder: Path) -> dict[str, dict[str, str]]:
    """The class of each image, by the image's path in its split; fails where a rule is broken."""
    assert (folder / "train").is_dir(), "there is nothing to train with"
    validation = [each for each in ("val", "validation", "valid") if (folder / each).is_dir()]
    assert validation, "there is nothing to validate with"
    names = _classes(folder / "train")
    splits = {"train": "train", "val": validation[0], "test": "test"}
    found = {
        key: _samples(folder / split, names)
        for key, split in splits.items()
        if (folder / split).is_dir()
    }
    assert found["train"], "no training images found"
    return found


def _classes(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.is_dir())


def _samples(folder: Path, names: list[str]) -> dict[str, str]:
    own = _classes(folder)
    assert own == names, f"{folder.name} numbers its classes in its own way"
    found = {}
    for number, each in enumerate(own):
        inside = sorted(path for path in (folder / each).rglob("*") if path.is_file())
        assert inside, f"{folder.name}/{each} is empty: git and DVC would lose it"
        for path in inside:
            if path.suffix.lower() in FOUND:
                found[path.relative_to(folder).as_posix()] = names[number]
            else:
                assert path.name == "no-images.txt", f"{path} is ignored"
    return found
