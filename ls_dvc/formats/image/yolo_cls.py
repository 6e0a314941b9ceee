"""YOLO_CLS: the images in a folder for each class, as ultralytics' classification trainer takes it.

    train/cat/a.jpg, val/cat/b.jpg     the images themselves; in train/ and in val/ without splits
    val/dog/no-images.txt              every class is in every split
    classes.csv                        the class of each folder, as the trainer numbers them
    images.csv                         which image of which task a file is

The class is the answer to the first Choices about the image that takes one answer. The trainer
numbers classes by the sorted names of the folders of each split on its own: so each split has all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import image_answers, images, yolo_files
from ls_dvc.formats.image.image_answers import AnswerColumn
from ls_dvc.formats.image.shapes import SPACE
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces
from ls_dvc.formats.media import check_media, extension_of
from ls_dvc.formats.outcomes import Reason, all_for, outcome_of_unwritten, reason_without_media
from ls_dvc.formats.records import csv_tsv
from ls_dvc.io.filenames import UniqueNames, folder_name, split
from ls_dvc.labels.label_config import Control
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.policy import Selection

NAME = "YOLO_CLS"
SUMMARY = "Images in a folder for each class, for ultralytics' classification trainer"
FAST_PATH = None
CONTENT = None
NO_IMAGES = "no-images.txt"
_NOTE = b"No image of this split has this class. The folder keeps its number.\n"
# What torchvision's ImageFolder reads, by which the trainer finds images.
_EXTENSIONS = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
_TYPES = frozenset({"image/bmp", "image/jpeg", "image/png", "image/tiff", "image/webp"})


class ClassImage(NamedTuple):
    """An image that has a class; `stem` and `extension` are suggestions for its name."""

    task: int
    address: str
    stem: str
    extension: str
    class_name: str
    file: MediaFile


def check(context: FormatContext) -> None:
    """Needs one question about an image, the images themselves, and splits of use, if any."""
    if class_control(context) is None:
        raise LsDvcError(
            f"{NAME} needs an <Image> with <Choices> of which one is chosen; "
            "the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml, or take IMAGE_FOLDER",
        )
    check_media(context, NAME)
    yolo_files.check_splits(context, NAME)


@lru_cache(maxsize=8)
def class_control(context: FormatContext) -> Control | None:
    """The first Choices of the config about an image with choices of its own, to choose one."""
    for control in context.config.controls.values():
        is_single = control.tag == "Choices" and not control.takes_several
        if is_single and control.labels and context.config.space_of(control) == SPACE:
            return control
    return None


@lru_cache(maxsize=8)
def class_folders(context: FormatContext) -> Mapping[str, str]:
    """The folder of each class, in the order of the label config."""
    control, names = class_control(context), UniqueNames()
    labels = dict.fromkeys(control.labels) if control else {}
    return {
        label: names.given(folder_name(label, f"class-{number}"), "", number)
        for number, label in enumerate(labels)
    }


@lru_cache(maxsize=8)
def _columns(context: FormatContext) -> Mapping[str, AnswerColumn]:
    control = class_control(context)
    if control is None:
        return {}
    return {control.name: AnswerColumn("class", "choices", "string", tuple(control.labels))}


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The images of a task that have a class; those without one are left out."""
    reason = outcome_of_unwritten(selection)
    data = selection.task.get("data")
    addresses = images.addresses_of(data, context.config) if isinstance(data, dict) else {}
    if reason or not addresses:
        reason = reason or reason_without_media(selection, context.config, "Image")
        return Encoded(None, reason, all_for(selection, reason))
    columns = _columns(context)
    answered = image_answers.answered(
        selection, columns, addresses, context, _TYPES.__contains__, is_needed=True
    )
    chosen = {key: cells["class"] for key, cells in answered.cells.items() if cells["class"]}
    written = [
        _image(selection.task["id"], addresses[key], name, context) for key, name in chosen.items()
    ]
    absent = None if answered.cells else next(iter(answered.absent.values()))
    reason = None if written else absent or Reason.NOTHING_LEFT
    return Encoded(written, reason, answered.outcomes, in_part=answered.in_part)


def _image(task: int, address: str, name: str, context: FormatContext) -> ClassImage:
    entry = context.media_of(address)
    assert entry is not None and entry.file is not None  # noqa: S101, PT018  (it has an answer)
    stem, suggested = split(address, task)
    extension = extension_of(entry.file, suggested, _EXTENSIONS)
    return ClassImage(task, address, stem, extension, name, entry.file)


def assemble(pieces: Pieces[list[ClassImage]], context: FormatContext) -> Iterator[Chunk]:
    """The images of a split, and a note in the folder of each class without one."""
    names, folders, used = UniqueNames(), class_folders(context), set[str]()
    tops = _tops(context)
    table = f"images-{context.split}.csv" if context.split else "images.csv"
    yield Chunk(table, csv_tsv.line(("task", "image", "file_name", "class")))
    for image in (each for task in pieces for each in task):
        stem = names.given(image.stem, image.extension, image.task)
        path = f"{folders[image.class_name]}/{stem}{image.extension}"
        used.add(image.class_name)
        for top in tops:
            yield Chunk(f"{top}/{path}", b"", image.task, image.file)
        yield Chunk(table, csv_tsv.line((image.task, image.address, path, image.class_name)))
    for name, folder in folders.items():
        if name not in used:
            yield from (Chunk(f"{top}/{folder}/{NO_IMAGES}", _NOTE) for top in tops)


def _tops(context: FormatContext) -> tuple[str, ...]:
    """The folders of a split; without splits one and the same for training and validation."""
    return (_folders(context.splits)[context.split],) if context.split else ("train", "val")


_FOLDERS = {"training": "train", "validation": "val", "valid": "val", "testing": "test"}


def _folders(splits: Sequence[str]) -> Mapping[str, str]:
    """The folder of each split: as the trainer calls it, where no other one is called so."""
    folders = {name: name for name in splits}
    for name in splits:
        folder = _FOLDERS.get(name.lower(), name.lower())
        if folder in ("train", "val", "test") and folder not in folders.values():
            folders[name] = folder
    return folders


def shared(context: FormatContext) -> Iterator[Chunk]:
    """classes.csv, in the order in which the trainer numbers the classes."""
    by_folder = sorted((folder, name) for name, folder in class_folders(context).items())
    yield Chunk("classes.csv", csv_tsv.line(("id", "folder", "class")))
    for number, (folder, name) in enumerate(by_folder):
        yield Chunk("classes.csv", csv_tsv.line((number, folder, name)))
