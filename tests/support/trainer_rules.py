"""What YOLO trainers ask of a data set folder; what breaks a rule is refused or ignored by them.

The rules are facts of ultralytics 8.3 and 8.4, written down here anew: nothing of it is imported.
A folder is given as its files by path. Images are in it where media come along; images.csv has the
names of all.
"""

from __future__ import annotations

import csv
import io
import math
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

EXTENSIONS = {".bmp", ".dng", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"}
NEW_EXTENSIONS = {".avif", ".heic", ".heif", ".jp2"}  # since 8.4
ANY_EXTENSION = EXTENSIONS | NEW_EXTENSIONS
TASKS = {"YOLO": "detect", "YOLO_SEG": "segment", "YOLO_OBB": "obb", "YOLO_POSE": "pose"}


def problems(name: str, files: Mapping[str, bytes]) -> list[str]:
    """Every rule that the data set of the format `name` breaks, and where."""
    description = yaml.safe_load(files["data.yaml"])
    return [
        *_of_description(description),
        *_of_names(description),
        *(_of_keypoints(description) if TASKS[name] == "pose" else ()),
        *_of_images(description, files),
        *_of_pictures(files),
        *_of_labels(TASKS[name], description, files),
    ]


def hold(name: str, files: Mapping[str, bytes]) -> None:
    """Fails where a trainer would not read the data set of the format `name` as it is meant."""
    found = problems(name, files)
    assert not found, "\n".join(found)


def hold_folder(dataset: Path) -> None:
    """The same of every data set of a YOLO format that we wrote below a folder of formats."""
    for name in TASKS:
        if (dataset / name / "images.csv").exists() or [*dataset.glob(f"{name}/images-*.csv")]:
            hold(name, _files(dataset / name))


def _files(folder: Path) -> dict[str, bytes]:
    """By path; those in archives too."""
    files = dict[str, bytes]()
    for path in (each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".tar":
            files |= _members(path, name.rpartition("/")[0])
        elif name.startswith("images/"):
            files[name] = b""
        elif path.suffix in (".txt", ".csv", ".yaml"):
            files[name] = path.read_bytes()
    return files


def _members(archive: Path, folder: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member)
            assert content is not None
            yield f"{folder}/{member.name}", content.read()


def _of_description(description: Mapping[str, Any]) -> Iterator[str]:
    if "path" in description:
        yield "data.yaml: path is looked up in the current folder, not in that of data.yaml"
    for key in ("train", "val"):
        if not isinstance(description.get(key), str):
            yield f"data.yaml: {key} is missing"


def _of_names(description: Mapping[str, Any]) -> Iterator[str]:
    names, count = description.get("names"), description.get("nc")
    if not isinstance(names, dict) or list(names) != list(range(len(names))):
        yield "data.yaml: names are not numbered from 0"
    elif count != len(names):
        yield f"data.yaml: nc is {count}, and there are {len(names)} names"


def _of_keypoints(description: Mapping[str, Any]) -> Iterator[str]:
    shape = description.get("kpt_shape")
    if not isinstance(shape, list) or len(shape) != 2 or shape[1] not in (2, 3) or shape[0] < 1:
        yield f"data.yaml: kpt_shape is {shape}"
        return
    names = description.get("kpt_names")
    if names is not None and any(len(each) != shape[0] for each in names.values()):
        yield "data.yaml: kpt_names has other key points than kpt_shape"


def _of_images(description: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    """A label file for each image, an image for each label file, where trainers look for them."""
    listed = set[str]()
    for image in _images(files):
        if str(image.parent) not in {*map(str, description.values())}:
            yield f"data.yaml: {str(image.parent)!r} is in no split"
        read = EXTENSIONS | (NEW_EXTENSIONS if str(image) in files else set())
        if image.suffix.lower() not in read:
            yield f"{str(image)!r} is ignored: it has no extension of an image"
        label = "labels" + str(image.with_suffix(".txt")).removeprefix("images")
        if label in listed:
            yield f"two images have the label file {label!r}"
        listed.add(label)
    labels = {path for path in files if path.startswith("labels/")}
    yield from (f"{path!r}: an image without labels is background" for path in listed - labels)
    yield from (f"{path!r}: no image has these labels" for path in labels - listed)


def _of_pictures(files: Mapping[str, bytes]) -> Iterator[str]:
    """Every image that is there has its labels where a trainer looks, and is in images.csv."""
    listed = {str(each) for each in _images(files)}
    for path in files:
        if path.startswith("images/"):
            if label_of(f"/data/{path}").removeprefix("/data/") not in files:
                yield f"{path!r} has no labels: it is trained as background"
            if path not in listed:
                yield f"{path!r} is not in images.csv"


def label_of(image: str) -> str:
    """The path at which trainers look for the labels of an image."""
    before, _, after = image.rpartition("/images/")
    return f"{before}/labels/{after}".rpartition(".")[0] + ".txt"


def pairs(description: Path) -> dict[str, list[tuple[Path, Path]]]:
    """What a trainer reads of a data.yaml: the images of each split, and their labels."""
    read, found = yaml.safe_load(description.read_bytes()), {}
    for key in read.keys() - {"nc", "names", "kpt_shape", "kpt_names"}:
        below = (description.parent / read[key]).resolve()
        known = [each for each in sorted(below.rglob("*")) if each.suffix.lower() in ANY_EXTENSION]
        found[key] = [(each, Path(label_of(each.as_posix()))) for each in known]
    return found


def _images(files: Mapping[str, bytes]) -> Iterator[PurePosixPath]:
    """Under which name images.csv asks to save each image."""
    for path, content in files.items():
        if path.startswith("images") and path.endswith(".csv"):
            split = path.removeprefix("images").removesuffix(".csv").removeprefix("-")
            text = content.decode().replace("\0", "0")  # Python 3.10's csv reads no NUL
            for row in csv.DictReader(io.StringIO(text, newline="")):
                yield PurePosixPath("images", split, row["file_name"])


def _of_labels(
    task: str, description: Mapping[str, Any], files: Mapping[str, bytes]
) -> Iterator[str]:
    for path, content in files.items():
        if path.startswith("labels/"):
            for number, line in enumerate(content.decode().splitlines(), start=1):
                for problem in _of_row(task, description, line.split()):
                    yield f"{path!r} line {number}: {problem}"


def _of_row(task: str, description: Mapping[str, Any], row: list[str]) -> Iterator[str]:
    class_id, numbers = row[0], [float(each) for each in row[1:]]
    if not class_id.isdecimal() or int(class_id) >= description["nc"]:
        yield f"class {class_id} of {description['nc']}"
    if not _has_columns(task, description, len(row)):
        yield f"{len(row)} columns are no row of {task}"
        return
    coordinates = [*numbers]
    if task == "pose" and description["kpt_shape"][1] == 3:
        coordinates = [each for place, each in enumerate(numbers) if place < 4 or place % 3 != 0]
        if not {*numbers[6::3]} <= {0, 1, 2}:
            yield f"visibility {numbers[6::3]} is not 0, 1 or 2"
    if not all(math.isfinite(each) and 0 <= each <= 1 for each in coordinates):
        yield f"coordinates beyond the image: {coordinates}"
    if task in ("detect", "pose") and 0 in numbers[2:4]:
        yield "a box without width or height"


def _has_columns(task: str, description: Mapping[str, Any], columns: int) -> bool:
    if task == "segment":
        return columns >= 1 + 2 * 3 and columns % 2 == 1
    if task == "pose":
        points, numbers = description["kpt_shape"]
        return bool(columns == 5 + points * numbers)
    return columns == (9 if task == "obb" else 5)
